import { type Clock, systemClock } from '../../../shared/runtime/clock.ts';
import type { Step } from '../../../shared/ucwa/vocabulary.ts';

/**
 * A clock by which the time of a request is soon over at one step and never at any other, however slow the machine is;
 * `onRequest` goes to the session.
 */
export function impatientAt(step: Step): { clock: Clock; onRequest: (step: Step) => void } {
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
