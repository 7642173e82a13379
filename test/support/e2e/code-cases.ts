import { secretNameOf } from '../../../infra/local/local-users.ts';
import type { FailureCode } from '../../../shared/ring/model/failure-code.ts';
import {
  another,
  cancelFinished,
  claimElsewhere,
  deferred,
  failing,
  get,
  getWithoutStorage,
  hourMs,
  type Prepare,
  put,
  putAndLoseClaim,
  type Send,
  type SendToBatch,
  sendOtherContent,
  target,
  undoUnfinished,
  undoWithoutBefore,
  uploadOtherContent,
  withSecret,
  withVaultStatus,
  writeRecord,
} from './code-requests.ts';

/** Why a code cannot be reached in a way. */
interface Absent {
  readonly absent: string;
}

/** How requests come to a code of the design's table. */
export interface CodeCase {
  /** Makes whatever is done for a user end with the code. */
  readonly prepare?: Prepare;
  /** The status, and how to get it: a PUT for the user where that is not said. */
  readonly http: { readonly status: number; readonly send?: Send } | Absent;
  /** The outcome of an entry for the user, or where else the code stands. */
  readonly batch: { readonly outcome: string; readonly entry?: object; readonly send?: SendToBatch } | Absent;
}

const entraOnly = 'It takes CALLERS=entra: e2e/callers/ has requests for it.';

/** Every code, so that one that is added needs a case. */
export const codeCases: Readonly<Record<FailureCode, CodeCase>> = {
  'invalid-request': {
    http: { status: 400, send: put({ ring: 'contact' }) },
    batch: { outcome: 'rejected', entry: { ring: 'contact' } },
  },
  unauthenticated: {
    http: { absent: entraOnly },
    batch: { absent: 'It is about a request over HTTP.' },
  },
  'user-not-allowed': {
    http: { absent: entraOnly },
    batch: { absent: 'It is about a request over HTTP.' },
  },
  'target-not-allowed': {
    http: { status: 403, send: put({ target: '+1 900 555 0123' }) },
    batch: { outcome: 'rejected', entry: { target: '+1 900 555 0123' } },
  },
  'batch-not-found': {
    http: { status: 404, send: (system) => system.call('GET', '/api/bulk/nothing') },
    batch: { absent: 'It is about a batch as a whole.' },
  },
  'batch-exists': {
    http: { status: 409, send: uploadOtherContent },
    batch: { outcome: 'rejected', send: sendOtherContent },
  },
  'batch-finished': {
    http: { status: 409, send: cancelFinished },
    batch: { absent: 'It is about a batch as a whole.' },
  },
  'batch-not-finished': {
    http: { status: 409, send: undoUnfinished },
    batch: { absent: 'It is about a batch as a whole.' },
  },
  superseded: {
    prepare: (system, user) => {
      const order = { effectiveAtMs: Date.now() + hourMs, batch: 'newer', part: 0, entry: 0 };
      return writeRecord(system, user, { newest: { order } });
    },
    http: { status: 409 },
    batch: { outcome: 'superseded' },
  },
  'too-large': {
    http: { status: 413, send: put({ target: 'x'.repeat(17_000) }) },
    batch: { absent: 'The queue takes no larger message, and no entry is too large for itself.' },
  },
  'user-not-enabled': {
    prepare: failing({ step: 'read', answer: { status: 403, code: 'Forbidden' } }),
    http: { status: 422 },
    batch: { outcome: 'failed' },
  },
  'user-not-found': {
    prepare: failing({ step: 'home-pool', answer: { status: 404, body: '' } }),
    http: { status: 422 },
    batch: { outcome: 'failed' },
  },
  'ucwa-rejected': {
    prepare: failing({
      step: 'write',
      answer: { status: 409, code: 'Conflict', subcode: 'NoDelegatesConfigured' },
    }),
    http: { status: 422 },
    batch: { outcome: 'failed' },
  },
  'not-effective': {
    prepare: failing({ step: 'write', answer: { status: 200 } }),
    http: { status: 422 },
    batch: { outcome: 'failed' },
  },
  'previous-unknown': {
    http: { absent: 'An undo is a batch.' },
    batch: { outcome: 'failed', send: undoWithoutBefore },
  },
  'credential-missing': {
    prepare: ({ services }, user) => services.vault.deleteSecret(secretNameOf(`sip:${user}`)),
    http: { status: 424 },
    batch: { outcome: 'failed' },
  },
  'credential-invalid': {
    prepare: withSecret('CONTOSO\\alice'),
    http: { status: 424 },
    batch: { outcome: 'failed' },
  },
  'credential-rejected': {
    prepare: ({ services }, user) => services.ucwa.setPassword(`sip:${user}`, 'changed on the server'),
    http: { status: 424 },
    batch: { outcome: 'failed' },
  },
  'identity-mismatch': {
    prepare: ({ services }, user) => {
      const { username, password } = another;
      services.vault.setSecret(secretNameOf(`sip:${user}`), JSON.stringify({ username, password }));
    },
    http: { status: 424 },
    batch: { outcome: 'failed' },
  },
  'sign-in-unsupported': {
    prepare: failing({ step: 'token', answer: { kind: 'token-error', error: 'unsupported_grant_type' } }),
    http: { status: 424 },
    batch: { outcome: 'failed' },
  },
  misconfigured: {
    prepare: withVaultStatus(403),
    http: { status: 503, send: get },
    batch: { outcome: 'deferred' },
  },
  busy: {
    prepare: claimElsewhere,
    http: { status: 503, send: get },
    batch: {
      outcome: 'deferred',
      send: async (system, user) => deferred(system, await system.ring('PUT', user, { target })),
    },
  },
  interrupted: {
    http: { status: 202, send: putAndLoseClaim },
    batch: {
      outcome: 'deferred',
      send: async (system, user) => deferred(system, await putAndLoseClaim(system, user)),
    },
  },
  'ucwa-unavailable': {
    prepare: failing({
      step: 'read',
      answer: { status: 500, code: 'ServiceFailure', subcode: 'CallbackChannelError' },
    }),
    http: { status: 503, send: get },
    batch: { outcome: 'deferred' },
  },
  'vault-unavailable': {
    prepare: withVaultStatus(503),
    http: { status: 503, send: get },
    batch: { outcome: 'deferred' },
  },
  'storage-unavailable': {
    http: { status: 503, send: getWithoutStorage },
    batch: {
      absent:
        'No storage of ours refuses a row: unit/shared/ring/batch/storage-refusals.test.ts has one that does.',
    },
  },
};
