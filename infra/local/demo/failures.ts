import type { Fault, UcwaSimulator } from '../ucwa-simulator/simulator.ts';

/** A kind of failure in the demo, with the users whose requests fail. */
export interface DemoFailure {
  readonly title: string;
  readonly users: readonly string[];
}

const callbackChannelError = { status: 500, code: 'ServiceFailure', subcode: 'CallbackChannelError' };
const notFound = { status: 404, code: 'NotFound', subcode: 'ApplicationNotFound' };
const busy = { status: 503, headers: { 'Retry-After': '1' } };

const kinds: readonly { readonly title: string; readonly fault: Omit<Fault, 'user'> }[] = [
  { title: '500 CallbackChannelError once', fault: { step: 'write', answer: callbackChannelError } },
  {
    title: '500 CallbackChannelError twice',
    fault: { step: 'write', times: 2, answer: callbackChannelError },
  },
  {
    title: '500 CallbackChannelError three times',
    fault: { step: 'write', times: 3, answer: callbackChannelError },
  },
  {
    title: '500 although the write took effect',
    fault: { step: 'write', applied: true, answer: callbackChannelError },
  },
  { title: '404 ApplicationNotFound once', fault: { step: 'read', answer: notFound } },
  { title: '401, the token is refused', fault: { step: 'application', answer: { status: 401 } } },
  { title: '503, busy', fault: { step: 'read', answer: busy } },
  { title: '502 page of a gateway', fault: { step: 'write', answer: { status: 502, format: 'html' } } },
  { title: 'a broken connection', fault: { step: 'write', answer: { kind: 'reset' } } },
];

/** Makes the simulator fail for a few users, each kind of failure for two of them. */
export function addFailures(ucwa: UcwaSimulator, users: readonly string[]): readonly DemoFailure[] {
  return kinds.map(({ title, fault }, nth) => {
    const chosen = users.filter((_, index) => index % kinds.length === nth).slice(0, 2);
    for (const user of chosen) ucwa.fail({ ...fault, user });
    return { title, users: chosen };
  });
}
