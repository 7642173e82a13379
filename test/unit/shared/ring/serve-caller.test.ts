import { describe, expect, it } from 'vitest';
import { changeForCaller, readForCaller } from '../../../../shared/ring/serve-caller.ts';
import { openHarness } from '../../../support/ring/batch-harness.ts';
import { invocation } from '../../../support/ring/ring-deps.ts';

const caller = invocation({ priority: 'caller' });

/** A user whom another worker has claimed for 61 seconds. */
async function openBusy() {
  const harness = await openHarness();
  const [user] = harness.addUsers(1);
  if (user === undefined) throw new Error('No user was added.');
  const claim = { id: 'other', untilMs: harness.clock.nowMs() + 61_000 };
  await harness.users.write(user, { claim }, undefined);
  return { harness, user };
}

describe('a caller who finds the user claimed by another worker', () => {
  it('is told to read again when the claim ends', async () => {
    const { harness, user } = await openBusy();
    expect(await readForCaller(harness.deps, caller, user)).toMatchObject({
      kind: 'unavailable',
      outcome: {
        code: 'busy',
        detail: 'Another request for this user is in progress. Trying again later may succeed.',
      },
      retryAfterSeconds: expect.toSatisfy((seconds: number) => seconds > 30 && seconds <= 61),
    });
  });

  it('is told to rehearse again when the claim ends', async () => {
    const { harness, user } = await openBusy();
    const request = { user, desired: { ring: 'off' }, dryRun: true } as const;
    expect(await changeForCaller(harness.deps, caller, request)).toMatchObject({
      kind: 'unavailable',
      outcome: { code: 'busy' },
    });
    expect(harness.queues.bulk).toEqual([]);
  });

  it('has a change deferred until the claim ends', async () => {
    const { harness, user } = await openBusy();
    const request = { user, desired: { ring: 'off' }, dryRun: false } as const;
    expect(await changeForCaller(harness.deps, caller, request)).toMatchObject({
      kind: 'deferred',
      outcome: {
        outcome: 'deferred',
        code: 'busy',
        detail: 'Another request for this user is in progress. It will be tried again from the queue.',
      },
    });
    expect(harness.queues.bulk).toHaveLength(1);
  });
});
