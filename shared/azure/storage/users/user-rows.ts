import * as z from 'zod';
import { encodeAddress } from '../../../ring/model/address-key.ts';
import type { RequestOrder } from '../../../ring/model/request-order.ts';
import { standingRequest } from '../../../ring/ports/standing-request.ts';
import type { ListedUser, StandingRequest, StoredUser, UserRecord } from '../../../ring/ports/user-store.ts';
import { formatTime } from '../../../runtime/format-time.ts';
import { parseJson } from '../../../runtime/json.ts';
import { parseSipUri, type SipUri } from '../../../ucwa/uri.ts';
import { outcomeSchema } from '../stored-outcome.ts';
import { desiredRingSchema, foundStateSchema, unansweredSchema } from './stored-ring.ts';

/** Each user has a partition of one row. */
const rowKey = 'user';

/** Returns the keys of a user's row. */
export function userKey(user: SipUri): { readonly partitionKey: string; readonly rowKey: string } {
  return { partitionKey: encodeAddress(user), rowKey };
}

/** The keys of a row that never exists: every encoded address contains `-40`. */
export const absentUserKey = { partitionKey: 'health', rowKey } as const;

/**
 * Makes a user's row. The record is the truth; the other columns repeat some of it, for filters and for people who look
 * into the table. They are made anew with each write, so that none outlives what it repeats.
 */
export function userEntity(user: SipUri, record: UserRecord) {
  const standing = standingRequest(record);
  return {
    ...userKey(user),
    user,
    record: formatUserRecord(record),
    requestedAt: timeColumn(record.newest?.order.effectiveAtMs),
    ring: standing?.desired?.ring,
    until: standing?.until,
    by: standing?.by,
    outcome: record.last?.outcome.outcome,
    claimedUntil: timeColumn(record.claim?.untilMs),
    resultsSince: timeColumn(resultsSinceMs(record)),
  };
}

const entitySchema = z.object({ etag: z.string(), record: z.string() });

/** Reads a user's row. Throws a ZodError if it cannot be read. */
export function readUserEntity(entity: unknown): StoredUser {
  const { etag, record } = entitySchema.parse(entity);
  return { record: parseUserRecord(record), etag };
}

const namedSchema = z.object({ record: z.string(), user: z.string() });

/** The columns that {@link readListedUser} reads. */
export const listedColumns = ['PartitionKey', 'user', 'record'];

/**
 * Reads a user's row with the user that it names; undefined if that is not a SIP address. One row that cannot be read keeps
 * nobody from reading the others.
 */
export function readListedUser(entity: unknown): ListedUser | undefined {
  const named = namedSchema.safeParse(entity);
  const user = named.success ? parseSipUri(named.data.user) : undefined;
  if (!named.success || user === undefined) return undefined;
  try {
    return { user, record: parseUserRecord(named.data.record) };
  } catch {
    return { user, record: {}, isUnreadable: true };
  }
}

/** A user's record, with the user that its row names. */
export type NamedUser = ListedUser & { readonly etag: string };

/** Does the same, and returns the etag too; undefined also where the record cannot be read. */
export function readNamedUser(entity: unknown): NamedUser | undefined {
  const listed = readListedUser(entity);
  if (listed === undefined || listed.isUnreadable === true) return undefined;
  return { ...listed, etag: entitySchema.parse(entity).etag };
}

/** The time that counts stands where 0.1 has that of the request; the time of a request that waited stands beside it. */
const orderSchema = z
  .looseObject({
    requestedAtMs: z.number(),
    askedAtMs: z.number().exactOptional(),
    batch: z.string(),
    part: z.number(),
    entry: z.number(),
  })
  .transform(({ requestedAtMs, askedAtMs, ...others }) => ({
    effectiveAtMs: requestedAtMs,
    ...(askedAtMs === undefined ? {} : { requestedAtMs: askedAtMs }),
    ...others,
  }));

const identitySchema = z.object({ batch: z.string(), part: z.number(), entry: z.number() });

/** A request. 0.1 stored its whole request beside the order and the desired ring: nothing reads the rest, and it is not kept. */
const requestSchema = z
  .looseObject({
    order: orderSchema,
    wish: desiredRingSchema.optional(),
    source: z.string().exactOptional(),
    by: z.string().exactOptional(),
    until: z.string().exactOptional(),
    undo: z.object({ of: identitySchema, overtakes: orderSchema }).exactOptional(),
    provedAtMs: z.number().exactOptional(),
    shownAs: z.string().exactOptional(),
    before: foundStateSchema.exactOptional(),
  })
  .transform(({ order, wish, user: _user, dryRun: _dryRun, correlationId: _id, ...others }) => {
    const { signal: _signal, deadlineMs: _deadline, ...kept } = others;
    return { order, ...(wish === undefined ? {} : { desired: wish }), ...kept };
  });

const lastSchema = z
  .looseObject({
    order: orderSchema,
    outcome: outcomeSchema,
    mayHaveWritten: z.boolean(),
    atMs: z.number(),
  })
  .transform(({ order, outcome, ...others }) =>
    outcome === undefined ? undefined : { order, outcome, ...others },
  );

/** A user's record under the names that 0.1 gave its properties. */
const recordSchema = z.looseObject({
  newest: requestSchema.exactOptional(),
  standing: requestSchema.exactOptional(),
  claim: z
    .looseObject({ id: z.string(), untilMs: z.number(), ended: z.literal(true).exactOptional() })
    .exactOptional(),
  before: foundStateSchema.exactOptional(),
  takenAway: unansweredSchema.exactOptional(),
  last: lastSchema.exactOptional(),
  refusedVersion: z.string().exactOptional(),
  signIns: z
    .looseObject({
      version: z.string().exactOptional(),
      host: z.string().exactOptional(),
      sentAtMs: z.array(z.number()),
    })
    .exactOptional(),
});

/**
 * Parses the record of a user's row. An outcome or a desired ring that only a newer version knows is left out; properties
 * that this version does not know are kept. Throws a ZodError if it is not a record.
 */
export function parseUserRecord(column: string): UserRecord {
  const { newest, standing, claim, before, takenAway, last, ...others } = recordSchema.parse(
    parseJson(column),
  );
  return {
    ...(newest === undefined ? {} : { newest }),
    ...(standing === undefined ? {} : { standing }),
    ...(claim === undefined ? {} : { claim }),
    ...(before === undefined ? {} : { before }),
    ...(takenAway?.target === undefined
      ? {}
      : { unansweredToRestore: { ...takenAway, target: takenAway.target } }),
    ...(last === undefined ? {} : { last }),
    ...others,
  };
}

/** The names of 0.1, where they differ, of the properties of a record, a request and an order. */
const storedNames = {
  record: { unansweredToRestore: 'takenAway' },
  request: { desired: 'wish' },
  order: { effectiveAtMs: 'requestedAtMs', requestedAtMs: 'askedAtMs' },
} as const;

/** Formats a record for its column: under the names that 0.1 gave its properties, in the order that they have. */
export function formatUserRecord(record: UserRecord): string {
  const { newest, standing, last } = record;
  return JSON.stringify(
    renamed(storedNames.record, {
      ...record,
      ...(newest === undefined ? {} : { newest: storedRequest(newest) }),
      ...(standing === undefined ? {} : { standing: storedRequest(standing) }),
      ...(last === undefined ? {} : { last: { ...last, order: storedOrder(last.order) } }),
    }),
  );
}

function storedRequest(request: StandingRequest): object {
  const { order, undo } = request;
  return renamed(storedNames.request, {
    ...request,
    order: storedOrder(order),
    ...(undo === undefined ? {} : { undo: { ...undo, overtakes: storedOrder(undo.overtakes) } }),
  });
}

function storedOrder(order: RequestOrder): object {
  return renamed(storedNames.order, order);
}

function renamed(names: Readonly<Record<string, string>>, object: object): object {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [names[name] ?? name, value]));
}

/** Returns since when a row holds results, for the retention; undefined if it holds none. */
function resultsSinceMs({ last, newest }: UserRecord): number | undefined {
  return last?.atMs ?? (newest?.desired === undefined ? undefined : newest.order.effectiveAtMs);
}

function timeColumn(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : formatTime(ms);
}
