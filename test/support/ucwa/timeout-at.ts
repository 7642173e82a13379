import { systemClock } from '../../../shared/runtime/clock.ts';
import type { Step } from '../../../shared/ucwa/steps.ts';
import { FakeClock } from '../fake-clock.ts';

/**
 * Returns a clock for the client on which requests time out soon in one step, and never in any other, however slow the
 * machine is. `onRequest` is for the session.
 */
export function timeoutAt(step: Step): { clock: FakeClock; onRequest: (step: Step) => void } {
  const clock = new FakeClock();
  const onRequest = (sent: Step) => {
    if (sent !== step) return;
    const { signal } = systemClock.timeout(50);
    signal.addEventListener('abort', () => clock.expireTimeouts(), { once: true });
  };
  return { clock, onRequest };
}
