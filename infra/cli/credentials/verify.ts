import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import type { Clock } from '../../../shared/runtime/clock.ts';
import { UsageError } from '../usage-error.ts';
import type { CredentialRow } from './read-credentials.ts';

/** The functions to ask. */
export interface Functions {
  readonly url: URL;
  /** A function key; undefined for functions on this machine, which need none. */
  readonly key: string | undefined;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** A user for whom signing in failed, or whom the functions did not accept. */
export interface VerifyFailure {
  readonly user: string;
  readonly outcome: string;
  readonly code: string | undefined;
  readonly detail: string | undefined;
}

const pollMs = 2_000;
const acceptedSchema = z.object({ batch: z.string(), status: z.string() });
const outcomeSchema = z.object({
  user: z.string(),
  outcome: z.string().optional(),
  code: z.string().optional(),
  detail: z.string().optional(),
});
const batchSchema = z.object({
  finished: z.boolean(),
  entries: z.number(),
  counts: z.record(z.string(), z.number()),
  outcomes: z.array(outcomeSchema),
  next: z.string().optional(),
});
const problemSchema = z.object({ code: z.string().optional(), detail: z.string().optional() }).catch({});

/**
 * Signs in as each user with a dry run that asks for no ring: it reads the user's settings and never writes. Waits until
 * every user has an outcome, and returns those that did not succeed. Throws UsageError where the functions refuse the batch.
 */
export async function verifyCredentials(
  functions: Functions,
  rows: readonly CredentialRow[],
  onProgress: (done: number, total: number) => void,
): Promise<readonly VerifyFailure[]> {
  const entries = rows.map(({ user }) => ({ user: user.slice('sip:'.length), ring: 'off' }));
  const batch = `verify-${randomUUID()}`;
  const accepted = await ask(functions, '/api/bulk', { batch, dryRun: true, entries });
  const { status } = acceptedSchema.parse(accepted);
  for (;;) {
    const { entries: total, counts } = batchSchema.parse(await ask(functions, `${status}?limit=1`));
    const waiting = counts['pending'] ?? 0;
    const deferred = counts['deferred'] ?? 0;
    const told = Object.values(counts).reduce((sum, count) => sum + count, 0);
    onProgress(told - waiting, total);
    if (told >= rows.length && waiting === 0) break;
    await functions.clock.sleep(deferred > 0 ? pollMs * 2 : pollMs, functions.signal);
  }
  return await readFailures(functions, status);
}

async function readFailures(functions: Functions, status: string): Promise<readonly VerifyFailure[]> {
  const failures: VerifyFailure[] = [];
  for (let path: string | undefined = `${status}?limit=1000`; path !== undefined; ) {
    const { outcomes, next }: z.infer<typeof batchSchema> = batchSchema.parse(await ask(functions, path));
    for (const { user, outcome = 'pending', code, detail } of outcomes) {
      if (outcome !== 'unchanged') failures.push({ user, outcome, code, detail });
    }
    path = next;
  }
  return failures;
}

async function ask(
  { url, key, fetch: send, signal }: Functions,
  path: string,
  body?: object,
): Promise<unknown> {
  const headers = {
    'content-type': 'application/json',
    ...(key === undefined ? {} : { 'x-functions-key': key }),
  };
  const content = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  const response = await send(new URL(path, url), { ...content, headers, signal, redirect: 'error' });
  const json: unknown = await response.json().catch(() => undefined);
  if (response.ok) return json;
  const { code = 'without a reason', detail = '' } = problemSchema.parse(json);
  const remedy = response.status === 401 ? ' Set SIMRING_KEY to a function key of the app.' : '';
  throw new UsageError(
    `The functions at ${url.host} returned ${response.status} (${code}). ${detail}${remedy}`,
  );
}
