import { TableClient } from '@azure/data-tables';
import * as z from 'zod';
import { type BatchOutcome, batchSchema, outcomeSchema } from '../../../infra/local/demo/batch.ts';
import { secretNameOf } from '../../../infra/local/local-users.ts';
import type { Fault } from '../../../infra/local/ucwa-simulator/types.ts';
import { TableUsers } from '../../../shared/azure/storage/users/table-users.ts';
import type { StandingRequest, UserRecord } from '../../../shared/ring/ports/user-store.ts';
import { sip } from '../ring/addresses.ts';
import { type ApiResponse, eventually, localUser, type System } from './system.ts';

/** A request over HTTP for a user. */
export type Send = (system: System, user: string) => Promise<ApiResponse>;
/** A request for a user by way of a batch, and its outcome. */
export type SendToBatch = (system: System, user: string) => Promise<BatchOutcome | undefined>;

/** Makes whatever is done for a user end in a certain way. */
export type Prepare = (system: System, user: string) => void | Promise<void>;

export const target = '+1 425 555 0123';

/** A user whose credential others may have in their secret. */
export const another = localUser('another@codes.example');

/** Reads the ring. */
export const get: Send = (system, user) => system.ring('GET', user);
/** Sends a PUT with this body. */
export const put =
  (body: object): Send =>
  (system, user) =>
    system.ring('PUT', user, body);

/** Makes requests for the user fail until the faults are cleared. */
export const failing =
  (fault: Fault): Prepare =>
  ({ services }, user) =>
    services.ucwa.fail({ times: Number.POSITIVE_INFINITY, ...fault, user: `sip:${user}` });

/** Puts a text into the user's secret. */
export const withSecret =
  (value: string): Prepare =>
  ({ services }, user) =>
    void services.vault.setSecret(secretNameOf(`sip:${user}`), value);

/** Makes the vault return a status for the user's secret. */
export const withVaultStatus =
  (status: number): Prepare =>
  ({ services }, user) =>
    services.vault.fail({ name: secretNameOf(`sip:${user}`), status });

export const hourMs = 3_600_000;

function usersOf(system: System): TableUsers {
  const { connectionString } = system.services.storage;
  const options = { allowInsecureConnection: true };
  return new TableUsers(TableClient.fromConnectionString(connectionString, 'simringusers', options));
}

/** Reads a user's row. */
export async function readRecord(system: System, user: string): Promise<UserRecord> {
  const { record } = await usersOf(system).read(sip(user));
  return record;
}

/** Writes a user's row as another instance would. */
export async function writeRecord(system: System, user: string, record: UserRecord): Promise<void> {
  const users = usersOf(system);
  const { etag } = await users.read(sip(user));
  await users.write(sip(user), record, etag);
}

/** Claims a user for an hour, as another instance would. */
export function claimElsewhere(system: System, user: string): Promise<void> {
  return writeRecord(system, user, { claim: { id: 'other', untilMs: Date.now() + hourMs } });
}

/** Takes the claim from a PUT while it waits for UCWA, as a worker does after the claim's end. */
export async function putAndLoseClaim(system: System, user: string): Promise<ApiResponse> {
  system.services.ucwa.fail({ user: `sip:${user}`, step: 'application', answer: { kind: 'hang' } });
  const response = system.ring('PUT', user, { target });
  await eventually(
    async () => system.count('application', user),
    (count) => count > 0,
  );
  await writeRecord(system, user, {});
  return await response;
}

/** Returns the outcome that the batch of a deferred PUT shows. */
export async function deferred(system: System, { headers }: ApiResponse): Promise<BatchOutcome | undefined> {
  const { body } = await system.call('GET', headers.get('location') ?? '');
  return batchSchema.parse(body).outcomes[0];
}

/** Puts a message with one entry on the queue. */
export async function sendEntry(system: System, batch: string, entry: object): Promise<void> {
  const text = JSON.stringify({ schema: 'simring/bulk/1', batch, entries: [entry] });
  await system.queue('simring-bulk').sendMessage(text);
}

/** Returns the outcome of a batch's only entry when it is neither pending nor scheduled. */
export async function outcomeOfEntry(system: System, batch: string): Promise<BatchOutcome | undefined> {
  const { body } = await eventually(
    () => system.call('GET', `/api/bulk/${batch}`),
    ({ status, text }) => status === 200 && !/"(?:pending|scheduled)"/.test(text) && text.includes('"user"'),
  );
  return batchSchema.parse(body).outcomes[0];
}

const summarySchema = z.object({ batch: z.string(), failed: z.array(outcomeSchema) });

/** Sends two messages of one batch with different content. Returns what the summary says of the second. */
export async function sendOtherContent(system: System, user: string): Promise<BatchOutcome | undefined> {
  const batch = 'other-content';
  await sendEntry(system, batch, { user, ring: 'off' });
  await outcomeOfEntry(system, batch);
  await sendEntry(system, batch, { user, target });
  const [refused] = await eventually(
    async () => {
      const { peekedMessageItems } = await system
        .queue('simring-results')
        .peekMessages({ numberOfMessages: 32 });
      const texts = peekedMessageItems.map(({ messageText }) => Buffer.from(messageText, 'base64'));
      const summaries = texts.map((text) => summarySchema.parse(JSON.parse(text.toString('utf8'))));
      return summaries.filter((summary) => summary.batch === batch).flatMap(({ failed }) => failed);
    },
    (failed) => failed.length > 0,
  );
  return refused;
}

/** Uploads two files under one name. They are dry runs, so that no order of theirs matters. */
export async function uploadOtherContent(system: System, user: string): Promise<ApiResponse> {
  const path = '/api/bulk?batch=uploaded&dryRun=true';
  await system.call('POST', path, { entries: [{ user, ring: 'off' }] });
  return await system.call('POST', path, { entries: [{ user, ring: 'team' }] });
}

/** Cancels a batch when it has finished. */
export async function cancelFinished(system: System, user: string): Promise<ApiResponse> {
  await sendEntry(system, 'finished', { user, ring: 'off' });
  await outcomeOfEntry(system, 'finished');
  await eventually(
    () => system.call('GET', '/api/bulk/finished'),
    ({ body }) => batchSchema.parse(body).finished,
  );
  return await system.call('DELETE', '/api/bulk/finished');
}

/** Reads the ring through an instance whose storage does not answer. */
export async function getWithoutStorage(system: System, user: string): Promise<ApiResponse> {
  const connection = system.services.environment['BulkStorage'] ?? '';
  const instance = await system.startInstance({
    BulkStorage: connection.replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:1'),
  });
  try {
    return await system.call('GET', `${instance.url}/api/users/${user}/simultaneous-ring`);
  } finally {
    await instance.stop();
  }
}

/** Undoes a batch whose only user another worker has claimed. */
export async function undoUnfinished(system: System, user: string): Promise<ApiResponse> {
  await claimElsewhere(system, user);
  await sendEntry(system, 'unfinished', { user, target });
  await eventually(
    () => system.call('GET', '/api/bulk/unfinished'),
    ({ status }) => status === 200,
  );
  return await system.call('POST', '/api/bulk/unfinished/undo');
}

/** Undoes a batch when what was set before is forgotten. Returns the outcome in the undo. */
export async function undoWithoutBefore(system: System, user: string): Promise<BatchOutcome | undefined> {
  await sendEntry(system, 'without-before', { user, target });
  await outcomeOfEntry(system, 'without-before');
  await eventually(
    () => system.call('GET', '/api/bulk/without-before'),
    ({ body }) => batchSchema.parse(body).finished,
  );
  const record = await readRecord(system, user);
  const { before: _forgotten, ...standing } = record.standing ?? {};
  await writeRecord(system, user, { ...record, ...(isStanding(standing) ? { standing } : {}) });
  const { body } = await system.call('POST', '/api/bulk/without-before/undo');
  return await outcomeOfEntry(system, undoSchema.parse(body).batch);
}

const undoSchema = z.object({ batch: z.string() });

function isStanding(standing: Partial<StandingRequest>): standing is StandingRequest {
  return standing.order !== undefined;
}
