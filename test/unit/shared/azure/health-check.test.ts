import { describe, expect, it } from 'vitest';
import { runCheck } from '../../../../shared/azure/health-check.ts';
import type { Deployed } from '../../../../shared/azure/health-commands.ts';
import { StorageUnavailableError } from '../../../../shared/ring/ports/storage-error.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

const deployed: Deployed = {
  vault: 'simring-vault',
  storage: 'simringstorage',
  clientId: '00000000-0000-0000-0000-000000000002',
  trustedHosts: ['contoso.com'],
};
const host = 'simringstorage.queue.core.windows.net';

/** Runs a check of a queue whose time runs out. */
async function runLate(look: (signal: AbortSignal) => Promise<string>) {
  const clock = new FakeClock();
  const place = { service: 'queue', name: 'simring-bulk' } as const;
  const result = runCheck(clock, deployed, { name: 'queue simring-bulk', look, host, place });
  await clock.advance(8_000);
  await clock.advance(250);
  return await result;
}

describe('a check that runs out of time', () => {
  it('names the host that did not answer', async () => {
    expect(await runLate(() => new Promise(() => {}))).toEqual({
      name: 'queue simring-bulk',
      ok: false,
      detail: `${host} did not answer within 8 seconds. Check that it runs, and the app's network and DNS on the way to it.`,
    });
  });

  it('names it before what the client says of its own abort', async () => {
    const aborted = 'Storage could not read from the queue simring-bulk (no response in time). Look at it.';
    const { detail } = await runLate(
      (signal) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(new StorageUnavailableError(aborted)));
        }),
    );
    expect(detail).toBe(`${host} did not answer within 8 seconds. ${aborted}`);
  });
});

describe('a check that fails', () => {
  it('has the commands that mend it, with the names of the deployment', async () => {
    const error = new StorageUnavailableError('Storage could not read.', {
      cause: 'AuthorizationPermissionMismatch',
    });
    const { commands } = await runCheck(new FakeClock(), deployed, {
      name: 'table simringusers',
      look: () => Promise.reject(error),
      place: { service: 'table', name: 'simringusers' },
    });
    expect(commands).toEqual([
      'az role assignment create --role "Storage Table Data Contributor" --assignee 00000000-0000-0000-0000-000000000002 --scope "$(az storage account show --name simringstorage --query id --output tsv)"',
    ]);
  });
});
