import { type Clock, systemClock } from '../../../shared/runtime/clock.ts';
import type { Step } from '../../../shared/ucwa/steps.ts';

/**
 * Returns a clock for the client by which requests soon time out in one step, and never in any other, however slow the
 * machine is. `onRequest` is for the session.
 */
export function timeoutAt(step: Step): { clock: Clock; onRequest: (step: Step) => void } {
  let latest = new AbortController();
  return {
    clock: {
      ...systemClock,
      timeout: () => {
        latest = new AbortController();
        return { signal: latest.signal, stop: () => {} };
      },
    },
    onRequest: (sent) => {
      if (sent !== step) return;
      const controller = latest;
      const { signal } = systemClock.timeout(50);
      signal.addEventListener('abort', () => controller.abort(signal.reason), { once: true });
    },
  };
}
