import type { FailureCode } from '../../../ring/model/failure-code.ts';
import { reference } from '../json-schema.ts';
import { parameter } from '../parameters.ts';
import { json, problems } from '../responses.ts';

/** How work for a user may fail, reading included. */
const failuresOfUser: readonly FailureCode[] = [
  'user-not-enabled',
  'user-not-found',
  'ucwa-rejected',
  'credential-missing',
  'credential-invalid',
  'credential-rejected',
  'identity-mismatch',
  'sign-in-unsupported',
  'misconfigured',
  'busy',
  'interrupted',
  'ucwa-unavailable',
  'vault-unavailable',
  'storage-unavailable',
];

const tags = ['One user'];

const deferred = json('DeferredOutcome', 'The change continues in the queue. Poll `status`.', {
  location: 'location',
});

const deferredOrScheduled = json(
  { anyOf: [reference('DeferredOutcome'), reference('ScheduledOutcome')] },
  'The change continues in the queue, at once or when it is due. Poll `status`.',
  { location: 'location' },
);

const changeParameters = [parameter('correlationId'), parameter('source')];

/** The routes for the ring of one user. */
export const ringPaths = {
  '/api/users/{user}/simultaneous-ring': {
    parameters: [parameter('user')],
    get: {
      operationId: 'readRing',
      tags,
      summary: "Reads a user's ring",
      parameters: [parameter('correlationId')],
      responses: {
        '200': json('UserRingState', 'The ring state.'),
        ...problems('invalid-request', ...failuresOfUser),
      },
    },
    put: {
      operationId: 'setRing',
      tags,
      summary: "Sets a user's ring",
      description: 'A change that cannot be done within HTTP_BUDGET_MS continues in the queue (202).',
      parameters: changeParameters,
      requestBody: {
        required: true,
        description: 'At most 16 KiB, with a Content-Length.',
        content: { 'application/json': { schema: reference('RingRequest') } },
      },
      responses: {
        '200': json('Outcome', 'The outcome.'),
        '202': deferredOrScheduled,
        ...problems(
          'invalid-request',
          'target-not-allowed',
          'superseded',
          'too-large',
          'not-effective',
          ...failuresOfUser,
        ),
      },
    },
    delete: {
      operationId: 'turnRingOff',
      tags,
      summary: "Turns a user's ring off",
      description: 'It has no dry run. An immediate forward is left alone.',
      parameters: changeParameters,
      responses: {
        '200': json('Outcome', 'The outcome.'),
        '202': deferred,
        ...problems('invalid-request', 'superseded', 'not-effective', ...failuresOfUser),
      },
    },
  },
};
