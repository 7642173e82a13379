import * as z from 'zod';
import type { DesiredRing } from '../../ring/model/desired-ring.ts';
import type { FailureCode } from '../../ring/model/failure-code.ts';
import { entryStates, type RecoveryStep } from '../../ring/model/outcome.ts';
import { asStored, shownWord } from './stored-json.ts';
import { ringStateSchema } from './stored-ring.ts';

const base = {
  user: z.string(),
  ring: shownWord<DesiredRing['ring']>().exactOptional(),
  target: z.string().exactOptional(),
  ringDelaySeconds: z.number().exactOptional(),
  attempts: z.number(),
  recovery: z.array(shownWord<RecoveryStep>()),
  requests: z.number(),
  correlationId: z.string(),
};

const refusal = {
  dryRun: z.literal(true).exactOptional(),
  code: shownWord<FailureCode>(),
  detail: z.string(),
  ucwa: z
    .object({
      status: z.number(),
      code: z.string().exactOptional(),
      subcode: z.string().exactOptional(),
      diagnosis: z.record(z.string(), z.string()).exactOptional(),
    })
    .exactOptional(),
};

const outcomeSchemas = [
  z.object({
    ...base,
    outcome: z.literal('unchanged'),
    dryRun: z.literal(true),
    would: shownWord<'apply' | 'nothing'>(),
    previous: ringStateSchema,
  }),
  z.object({
    ...base,
    outcome: z.enum(['applied', 'unchanged']),
    previous: ringStateSchema.exactOptional(),
    verified: z.boolean(),
  }),
  z.object({ ...base, ...refusal, outcome: z.literal('deferred') }),
  z.object({ ...base, ...refusal, outcome: z.enum(['failed', 'rejected', 'superseded']) }),
  z.object({ ...base, outcome: z.literal('cancelled'), detail: z.string() }),
] as const;

const nameSchema = z.enum(entryStates).exclude(['pending']);

const newerOutcomeSchema = z.object({
  outcome: z.string().refine((name) => !nameSchema.safeParse(name).success),
});

/** An outcome as both tables hold it; undefined, like an entry without one, if only a newer version knows its name. */
export const outcomeSchema = z.union([
  asStored(z.union(outcomeSchemas)),
  newerOutcomeSchema.transform(() => undefined),
]);
