import { describe, expect, it } from 'vitest';
import { defaultDiscoveryUrls } from '../../../../shared/ucwa/client.ts';
import { systemClock } from '../../../../shared/ucwa/clock.ts';
import { failureOf } from '../../../support/ucwa/error-text.ts';

describe("the machine's clock", () => {
  it('wakes a sleeper whose signal is aborted, with its reason', async () => {
    const controller = new AbortController();
    const reason = new RangeError('Wake up.');
    const sleeping = systemClock.sleep(1e9, controller.signal);
    controller.abort(reason);
    expect(await failureOf(sleeping)).toBe(reason);
  });

  it('lets nobody sleep under a signal that was aborted', async () => {
    const reason = new RangeError('Too late.');
    expect(await failureOf(systemClock.sleep(1e9, AbortSignal.abort(reason)))).toBe(reason);
  });

  it('lets sleepers wake by themselves', async () => {
    await expect(systemClock.sleep(1, new AbortController().signal)).resolves.toBeUndefined();
  });

  it('aborts a timeout when its time is over', async () => {
    const { signal } = systemClock.timeout(1);
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    expect(signal.reason).toMatchObject({ name: 'TimeoutError' });
  });

  it('aborts no timeout that was stopped', async () => {
    const timeout = systemClock.timeout(1);
    timeout.stop();
    await systemClock.sleep(5);
    expect(timeout.signal.aborted).toBe(false);
  });
});

describe('discovery', () => {
  it('begins at the internal name and goes on to the external one', () => {
    expect(defaultDiscoveryUrls('contoso.com').map(String)).toEqual([
      'https://lyncdiscoverinternal.contoso.com/',
      'https://lyncdiscover.contoso.com/',
    ]);
  });
});
