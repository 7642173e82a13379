import type { Fault, UcwaSimulator } from '../ucwa-simulator/simulator.ts';

/** A kind of failure that the demo switches on, as people are told of it. */
export interface DemoFailure {
  readonly what: string;
  readonly users: readonly string[];
}

type FaultOfUser = Omit<Fault, 'user'>;

const callbackChannelError = { status: 500, code: 'ServiceFailure', subcode: 'CallbackChannelError' };
const notFound = { status: 404, code: 'NotFound', subcode: 'ApplicationNotFound' };

const kinds: readonly { readonly what: string; readonly fault: FaultOfUser }[] = [
  { what: '500 CallbackChannelError, once', fault: { step: 'write', answer: callbackChannelError } },
  {
    what: '500 CallbackChannelError, twice',
    fault: { step: 'write', times: 2, answer: callbackChannelError },
  },
  {
    what: '500 CallbackChannelError, three times',
    fault: { step: 'write', times: 3, answer: callbackChannelError },
  },
  {
    what: '500 at first, though it was done',
    fault: { step: 'write', applied: true, answer: callbackChannelError },
  },
  { what: '404 ApplicationNotFound, once', fault: { step: 'read', answer: notFound } },
  { what: '401, the token is not taken', fault: { step: 'application', answer: { status: 401 } } },
  {
    what: '503, busy',
    fault: { step: 'read', answer: { status: 503, headers: { 'Retry-After': '1' } } },
  },
  { what: '502 page of a gateway', fault: { step: 'write', answer: { status: 502, format: 'html' } } },
  { what: 'a broken connection', fault: { step: 'write', answer: { kind: 'reset' } } },
];

/** Makes the simulator fail for a few people, each kind for one of them. Answers with who meets what. */
export function switchOnFailures(ucwa: UcwaSimulator, users: readonly string[]): readonly DemoFailure[] {
  return kinds.map(({ what, fault }, nth) => {
    const chosen = users.filter((_, index) => index % kinds.length === nth).slice(0, 2);
    for (const user of chosen) ucwa.fail({ ...fault, user });
    return { what, users: chosen };
  });
}
