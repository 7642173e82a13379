import * as z from 'zod';
import { type Fault, faultSchema } from './faults.ts';
import type { SecretProperties } from './secret-store.ts';
import type { Answer } from './vault-answers.ts';
import type { VaultRequest } from './vault-api.ts';

/** A request for the value of a secret, and how it was answered: 0 where it was not. */
export type SecretRead = { readonly name: string; readonly status: number };

/** What the control routes steer. */
export type SteeredVault = {
  readonly reads: readonly SecretRead[];
  setSecret(name: string, value: string, properties?: SecretProperties): string;
  disableSecret(name: string): void;
  deleteSecret(name: string): void;
  fail(fault: Fault): void;
  clearFaults(): void;
  refuseIdentity(refuse: boolean): void;
};

type Call = { vault: SteeredVault; name: string; query: URLSearchParams; body: unknown };
type Route = readonly [method: string, path: RegExp, answer: (call: Call) => object];

const secretsSchema = z.array(
  z.strictObject({
    name: z.string(),
    value: z.string(),
    enabled: z.boolean().optional(),
    contentType: z.string().optional(),
  }),
);
const identitySchema = z.strictObject({ refused: z.boolean() });

const routes: readonly Route[] = [
  ['PUT', /^\/control\/secrets$/, setSecrets],
  ['DELETE', /^\/control\/secrets\/(?<name>[^/]+)$/, deleteSecret],
  ['PUT', /^\/control\/secrets\/(?<name>[^/]+)\/disabled$/, disableSecret],
  ['PUT', /^\/control\/faults$/, replaceFaults],
  ['DELETE', /^\/control\/faults$/, clearFaults],
  ['PUT', /^\/control\/identity$/, refuseIdentity],
  ['GET', /^\/control\/reads$/, listReads],
];

/**
 * Steers an emulator in another process, with JSON both ways: `PUT secrets` takes `[{name, value, enabled,
 * contentType}]`, `PUT faults` a list that replaces the faults, `PUT identity` `{refused}`, and `GET reads?name=`
 * answers `{count, reads}`. What is wrong with a request comes back as 400 or 404 with `{error}`.
 */
export function answerControl(vault: SteeredVault, request: VaultRequest): Answer {
  for (const [method, path, answer] of routes) {
    const match = method === request.method ? path.exec(request.path) : null;
    if (!match) continue;
    const name = decodeURIComponent(match.groups?.['name'] ?? '');
    try {
      return { status: 200, body: answer({ vault, name, query: request.query, body: request.body }) };
    } catch (error) {
      return { status: 400, body: { error: messageOf(error) } };
    }
  }
  return { status: 404, body: { error: `There is no ${request.method} ${request.path}.` } };
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
