import type { SimulatorClient } from '../system/simulator-client.ts';
import type { BenchUser } from '../system/users.ts';

const callbackChannelError = { status: 500, code: 'ServiceFailure', subcode: 'CallbackChannelError' };

/** Typical failures of a pool. Each ends after a few requests. */
const faults = [
  { step: 'write', answer: callbackChannelError },
  { step: 'write', times: 2, answer: callbackChannelError },
  { step: 'write', applied: true, answer: callbackChannelError },
  { step: 'write', answer: { kind: 'reset' } },
  { step: 'read', answer: { status: 404, code: 'NotFound', subcode: 'ApplicationNotFound' } },
  { step: 'read', answer: { status: 503, headers: { 'Retry-After': '1' } } },
  { step: 'application', answer: { status: 401 } },
];

const usersPerFault = 25;

/** Adds one of the faults for every 25th user. */
export async function addFaults(simulator: SimulatorClient, users: readonly BenchUser[]): Promise<void> {
  const chosen = users.filter((_, index) => index % usersPerFault === 0);
  for (const [index, { address }] of chosen.entries())
    await simulator.fail({ ...faults[index % faults.length], user: `sip:${address}` });
}
