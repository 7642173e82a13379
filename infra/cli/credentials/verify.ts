import { randomUUID } from 'node:crypto';
import { type FailedEntry, RefusedError, type Sender, UnreachableError } from '../send/sender.ts';
import { type Waiting, waitUntil } from '../send/wait.ts';
import { UsageError } from '../usage-error.ts';
import type { CredentialRow } from './read-credentials.ts';

/** The outcomes of users who could sign in, or who are not done. */
const notFailed = ['unchanged', 'pending'];

/**
 * Signs in as each user with a dry run that asks for no ring: it reads the user's settings and never writes. Waits until
 * every user has an outcome, and returns those that did not succeed; what is deferred is tried again later, and counts as
 * not. Throws UsageError where the batch is refused.
 */
export async function verifyCredentials(
  sender: Sender,
  rows: readonly CredentialRow[],
  waiting: Waiting,
): Promise<readonly FailedEntry[]> {
  const batch = await startBatch(sender, rows);
  const { counts } = await waitUntil(sender, batch, waiting, ({ counts: seen }) => {
    const told = Object.values(seen).reduce((sum, count) => sum + count, 0);
    return told >= rows.length && (seen['pending'] ?? 0) === 0;
  });
  const failures: FailedEntry[] = [];
  for (const outcome of Object.keys(counts)) {
    if (notFailed.includes(outcome) || counts[outcome] === 0) continue;
    failures.push(...(await sender.failures(batch, outcome, rows.length)));
  }
  return failures;
}

async function startBatch(sender: Sender, rows: readonly CredentialRow[]): Promise<string> {
  const entries = rows.map(({ user }) => ({ user: user.slice('sip:'.length), ring: 'off' }));
  const content = new TextEncoder().encode(JSON.stringify({ entries }));
  const name = `verify-${randomUUID()}`;
  try {
    const { batch } = await sender.send({ content, isJson: true, batch: name, dryRun: true, strict: false });
    return batch;
  } catch (error) {
    if (error instanceof RefusedError || error instanceof UnreachableError)
      throw new UsageError(error.message);
    throw error;
  }
}
