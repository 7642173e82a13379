import { describe, expect, it } from 'vitest';
import { ConnectionError, PoolPausedError, RequestTimeoutError } from '../../../../shared/ucwa/errors.ts';
import { UntrustedHostError } from '../../../../shared/ucwa/transport/untrusted-host-error.ts';
import { WriteFate } from '../../../../shared/ucwa/write-fate.ts';
import { responseWith } from '../../../support/ucwa/responses.ts';

/** How a write ends: with a status or an error, once it was sent or while it still waits for the pool. */
type Ending = number | { readonly error: Error; readonly wasSent: boolean };

const host = 'pool.contoso.com';
const timeout: Ending = { error: new RequestTimeoutError('write', host, 10_000), wasSent: true };
const broken: Ending = { error: new ConnectionError('write', host, true, 'ECONNRESET'), wasSent: true };
const unreached: Ending = { error: new ConnectionError('write', host, false, 'ECONNREFUSED'), wasSent: true };
const paused: Ending = { error: new PoolPausedError('write', host), wasSent: false };
const untrusted: Ending = {
  error: new UntrustedHostError('write', new URL('https://fabrikam.com/')),
  wasSent: false,
};
const abortedWaiting: Ending = { error: new RangeError('The instance stops.'), wasSent: false };
const abortedInProgress: Ending = { error: new RangeError('The instance stops.'), wasSent: true };

async function fateAfter(...endings: readonly Ending[]): Promise<WriteFate> {
  const fate = new WriteFate();
  for (const ending of endings) {
    const write = fate.track(async () => {
      if (typeof ending === 'number' || ending.wasSent) fate.noteSent();
      if (typeof ending === 'number') return responseWith({ status: ending });
      throw ending.error;
    });
    if (typeof ending === 'number') await write;
    else await expect(write).rejects.toBe(ending.error);
  }
  return fate;
}

describe('the fate of writes', () => {
  it.each<
    [name: string, endings: readonly Ending[], mayHaveWritten: boolean, unproved: boolean, proved: boolean]
  >([
    ['no write', [], false, false, false],
    ['204', [204], true, false, false],
    ['409', [409], true, false, false],
    ['500', [500], true, false, false],
    ['502, from a gateway', [502], true, true, false],
    ['504, from a gateway', [504], true, true, false],
    ['a timeout', [timeout], true, true, false],
    ['a broken connection', [broken], true, true, false],
    ['an abort in progress', [abortedInProgress], true, true, false],
    ['no connection', [unreached], false, false, false],
    ['a paused host', [paused], false, false, false],
    ['an untrusted host', [untrusted], false, false, false],
    ['an abort while waiting for the pool', [abortedWaiting], false, false, false],
    ['a timeout, then 204', [timeout, 204], true, true, true],
    ['a timeout, then no connection', [timeout, unreached], true, true, false],
    ['a timeout, then a paused host', [timeout, paused], true, true, false],
    ['a timeout, then a timeout', [timeout, timeout], true, true, true],
    ['204, then a timeout', [204, timeout], true, true, false],
    ['204, then no connection', [204, unreached], true, false, false],
    ['a timeout, 204, then 204', [timeout, 204, 204], true, true, true],
  ])('after %s', async (_name, endings, mayHaveWritten, unproved, proved) => {
    const fate = await fateAfter(...endings);
    expect(fate.mayHaveWritten).toBe(mayHaveWritten);
    expect(fate.mayStillLand({ isProved: false })).toBe(unproved);
    expect(fate.mayStillLand({ isProved: true })).toBe(proved);
  });
});

describe('a write', () => {
  it.each<[name: string, endings: readonly Ending[], mayHaveTakenEffect: boolean]>([
    ['that was refused with 400', [400], false],
    ['that was refused with 403', [403], false],
    ['that was refused with 409', [409], false],
    ['that was refused with 412', [412], false],
    ['that did not leave', [unreached], false],
    ['that got 204', [204], true],
    ['that got 408', [408], true],
    ['that got 429', [429], true],
    ['that got 500', [500], true],
    ['that timed out', [timeout], true],
    ['that was refused after another one that was not', [204, 403], true],
    ['that was refused after a timeout', [timeout, 403], true],
  ])('%s: may have taken effect', async (_name, endings, mayHaveTakenEffect) => {
    expect((await fateAfter(...endings)).mayHaveTakenEffect).toBe(mayHaveTakenEffect);
  });

  it('may be what exists already', async () => {
    const fate = new WriteFate();
    await fate.track(async () => {
      fate.noteSent();
      return responseWith({ status: 409, text: '{"code":"Conflict","subcode":"AlreadyExists"}' });
    });
    expect(fate.mayHaveTakenEffect).toBe(true);
  });
});
