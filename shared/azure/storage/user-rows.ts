import * as z from 'zod';
import type { Setting, Wish } from '../../ring/model/desired-ring.ts';
import type { Outcome } from '../../ring/model/outcome.ts';
import type { UserRecord } from '../../ring/ports/user-store.ts';

const order = z.object({
  requestedAtMs: z.number(),
  batch: z.string(),
  part: z.number(),
  entry: z.number(),
});

/** Written by this code alone, so that the kind of the thing is checked and its inside trusted. */
const kept = <T>() => z.custom<T>((value) => typeof value === 'object' && value !== null);

/** A user's record as the table holds it. */
export const userRecordForm: z.ZodType<UserRecord> = z.object({
  newest: z.object({ order, wish: kept<Wish>().exactOptional() }).exactOptional(),
  claim: z.object({ id: z.string(), untilMs: z.number() }).exactOptional(),
  before: kept<Setting>().exactOptional(),
  takenAway: kept<NonNullable<Setting['unanswered']>>().exactOptional(),
  last: z
    .object({ order, outcome: kept<Outcome>(), mayHaveWritten: z.boolean(), atMs: z.number() })
    .exactOptional(),
  refusedVersion: z.string().exactOptional(),
});

/** An outcome as the tables hold it. */
export const outcomeForm = kept<Outcome>();
