import * as z from 'zod';
import type { DesiredRing } from '../../ring/model/desired-ring.ts';
import type { Outcome } from '../../ring/model/outcome.ts';
import type { RingState } from '../../ring/model/ring-state.ts';
import type { UserRecord } from '../../ring/ports/user-store.ts';
import { parseJson } from '../../runtime/json.ts';

const order = z.object({
  requestedAtMs: z.number(),
  batch: z.string(),
  part: z.number(),
  entry: z.number(),
});

/** Written by this code alone, so that the kind of the thing is checked and its inside trusted. */
const kept = <T>() => z.custom<T>((value) => typeof value === 'object' && value !== null);

/** A user's record as the table holds it, under the names that 0.1 gave its properties. */
const storedRecordSchema = z.object({
  newest: z.object({ order, wish: kept<DesiredRing>().exactOptional() }).exactOptional(),
  claim: z.object({ id: z.string(), untilMs: z.number() }).exactOptional(),
  before: kept<RingState>().exactOptional(),
  takenAway: kept<NonNullable<RingState['unanswered']>>().exactOptional(),
  last: z
    .object({ order, outcome: kept<Outcome>(), mayHaveWritten: z.boolean(), atMs: z.number() })
    .exactOptional(),
  refusedVersion: z.string().exactOptional(),
});

/** Reads a record from its column. Throws where it is not one. */
export function parseUserRecord(column: string): UserRecord {
  const { newest, takenAway, ...record } = storedRecordSchema.parse(parseJson(column));
  return {
    ...(newest === undefined ? {} : { newest: desiredOf(newest) }),
    ...record,
    ...(takenAway === undefined ? {} : { unansweredToRestore: takenAway }),
  };
}

/** Writes a record for its column. */
export function formatUserRecord(record: UserRecord): string {
  const stored = Object.entries(record).map(([name, value]) => {
    if (name === 'unansweredToRestore') return ['takenAway', value];
    return [name, name === 'newest' && record.newest !== undefined ? wishOf(record.newest) : value];
  });
  return JSON.stringify(Object.fromEntries(stored));
}

function desiredOf({ wish, ...rest }: { order: z.infer<typeof order>; wish?: DesiredRing }) {
  return { ...rest, ...(wish === undefined ? {} : { desired: wish }) };
}

function wishOf({ desired, ...rest }: NonNullable<UserRecord['newest']>) {
  return { ...rest, ...(desired === undefined ? {} : { wish: desired }) };
}

/** An outcome as the tables hold it. */
export const outcomeSchema = kept<Outcome>();
