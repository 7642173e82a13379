import type { Person } from '../world/people.ts';
import type { Simulator } from '../world/simulator.ts';

const callbackChannelError = { status: 500, code: 'ServiceFailure', subcode: 'CallbackChannelError' };

/** What a pool does on a bad day; each is over after a few requests. */
const faults = [
  { step: 'write', answer: callbackChannelError },
  { step: 'write', times: 2, answer: callbackChannelError },
  { step: 'write', applied: true, answer: callbackChannelError },
  { step: 'write', answer: { kind: 'reset' } },
  { step: 'read', answer: { status: 404, code: 'NotFound', subcode: 'ApplicationNotFound' } },
  { step: 'read', answer: { status: 503, headers: { 'Retry-After': '1' } } },
  { step: 'application', answer: { status: 401 } },
];

const everyNth = 25;

/** Makes the simulator fail for one in 25 people, each in one of several ways. */
export async function switchOnFaults(simulator: Simulator, people: readonly Person[]): Promise<void> {
  const chosen = people.filter((_, index) => index % everyNth === 0);
  for (const [index, { address }] of chosen.entries())
    await simulator.fail({ ...faults[index % faults.length], user: `sip:${address}` });
}
