import * as z from 'zod';
import type { ActivePeriod } from '../../ring/model/desired-ring.ts';
import type { FailureCode } from '../../ring/model/failure-code.ts';
import { entryStates, type Outcome, type RecoveryStep, type Warning } from '../../ring/model/outcome.ts';
import { asStored, shownWord } from './stored-json.ts';
import { ringStateSchema, ringWordSchema } from './users/stored-ring.ts';

const baseSchema = z.object({
  user: z.string(),
  ring: ringWordSchema.exactOptional(),
  target: z.string().exactOptional(),
  ringDelaySeconds: z.number().exactOptional(),
  activePeriod: shownWord<ActivePeriod>().exactOptional(),
  from: z.string().exactOptional(),
  until: z.string().exactOptional(),
  attempts: z.number(),
  recovery: z.array(shownWord<RecoveryStep>()),
  requests: z.number(),
  correlationId: z.string(),
  endedAt: z.string().exactOptional(),
});

const warningsSchema = z.array(z.object({ code: shownWord<Warning['code']>(), detail: z.string() }));

const successSchema = baseSchema.extend({
  outcome: z.enum(['applied', 'unchanged']),
  previous: ringStateSchema.exactOptional(),
  verified: z.boolean(),
  warnings: warningsSchema.exactOptional(),
});

const dryRunSchema = baseSchema.extend({
  outcome: z.literal('unchanged'),
  dryRun: z.literal(true),
  would: z.enum(['apply', 'nothing']),
  previous: ringStateSchema,
  warnings: warningsSchema.exactOptional(),
});

const unsuccessfulSchema = baseSchema.extend({
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
});

const deferredSchema = unsuccessfulSchema.extend({
  outcome: z.literal('deferred'),
  nextTryAt: z.string().exactOptional(),
});
const scheduledSchema = baseSchema.extend({
  outcome: z.literal('scheduled'),
  detail: z.string(),
  nextTryAt: z.string(),
});
const refusedSchema = unsuccessfulSchema.extend({
  outcome: z.enum(['failed', 'rejected', 'superseded']),
  sent: z.record(z.string(), z.string()).exactOptional(),
});
const cancelledSchema = baseSchema.extend({ outcome: z.literal('cancelled'), detail: z.string() });

const knownSchema: z.ZodType<Outcome> = asStored(
  z.union([successSchema, dryRunSchema, deferredSchema, scheduledSchema, refusedSchema, cancelledSchema]),
);

const newerSchema = z.object({
  outcome: z.string().refine((name) => !entryStates.some((known) => known === name)),
});

/** An outcome as both tables hold it; undefined, as while an entry is pending, if only a newer version knows its name. */
export const outcomeSchema = z.union([knownSchema, newerSchema.transform(() => undefined)]);
