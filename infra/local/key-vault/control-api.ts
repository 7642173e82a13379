import * as z from 'zod';
import { type Fault, faultSchema } from './faults.ts';
import type { SecretProperties } from './secret-store.ts';
import type { Answer } from './vault-answers.ts';
import type { VaultRequest } from './vault-http.ts';

/** A request for the value of a secret, with the status of its response; 0 if there was none. */
export type SecretRead = { readonly name: string; readonly status: number };

/** The part of the emulator that the control API uses. */
export type ControlledVault = {
  readonly reads: readonly SecretRead[];
  setSecret(name: string, value: string, properties?: SecretProperties): string;
  disableSecret(name: string): void;
  deleteSecret(name: string): void;
  fail(fault: Fault): void;
  clearFaults(): void;
  refuseIdentity(refuse: boolean): void;
};

type Call = { vault: ControlledVault; name: string; query: URLSearchParams; body: unknown };

const secretsSchema = z.array(
  z.strictObject({
    name: z.string(),
    value: z.string(),
    enabled: z.boolean().optional(),
    contentType: z.string().optional(),
  }),
);
const identitySchema = z.strictObject({ refused: z.boolean() });

/** By method and path, with `{name}` for the name of a secret; each returns the JSON of a 200. */
const routes: Readonly<Record<string, (call: Call) => object>> = {
  'PUT /control/secrets': setSecrets,
  'DELETE /control/secrets/{name}': deleteSecret,
  'PUT /control/secrets/{name}/disabled': disableSecret,
  'PUT /control/faults': replaceFaults,
  'DELETE /control/faults': clearFaults,
  'PUT /control/identity': refuseIdentity,
  'GET /control/reads': listReads,
};

/** Every route of the control API, as `METHOD /path`. */
export const controlRoutes: readonly string[] = Object.keys(routes);

/** Handles a control request. An invalid one returns 400, an unknown route 404, both with `{error}`. */
export function handleControlRequest(vault: ControlledVault, request: VaultRequest): Answer {
  const [, , , name = ''] = request.path.split('/');
  const path = request.path.replace(/^(\/control\/secrets\/)[^/]+/, '$1{name}');
  const handle = routes[`${request.method} ${path}`];
  if (!handle) {
    return { status: 404, body: { error: `The control API has no ${request.method} ${request.path}.` } };
  }
  try {
    const call = { vault, name: decodeURIComponent(name), query: request.query, body: request.body };
    return { status: 200, body: handle(call) };
  } catch (error) {
    return { status: 400, body: { error: messageOf(error) } };
  }
}

function setSecrets({ vault, body }: Call): object {
  const versions = secretsSchema
    .parse(body)
    .map(({ name, value, ...rest }) => vault.setSecret(name, value, rest));
  return { versions };
}

function deleteSecret({ vault, name }: Call): object {
  vault.deleteSecret(name);
  return { name };
}

function disableSecret({ vault, name }: Call): object {
  vault.disableSecret(name);
  return { name };
}

function clearFaults({ vault }: Call): object {
  vault.clearFaults();
  return { faults: 0 };
}

function replaceFaults({ vault, body }: Call): object {
  const faults = z.array(faultSchema).parse(body);
  vault.clearFaults();
  for (const fault of faults) vault.fail(fault);
  return { faults: faults.length };
}

function refuseIdentity({ vault, body }: Call): object {
  const { refused } = identitySchema.parse(body);
  vault.refuseIdentity(refused);
  return { refused };
}

function listReads({ vault, query }: Call): object {
  const name = query.get('name')?.toLowerCase();
  const reads = vault.reads.filter((read) => name === undefined || read.name.toLowerCase() === name);
  return { count: reads.length, reads };
}

function messageOf(error: unknown): string {
  if (error instanceof z.ZodError) return z.prettifyError(error);
  return error instanceof Error ? error.message : String(error);
}
