import * as z from 'zod/mini';

const text = z.optional(z.string());

/** A user's settings, as `previous` and a read tell them. Unknown properties are left out. */
const ringStateSchema = z.object({
  ring: z.string(),
  target: text,
  ringDelaySeconds: z.optional(z.number()),
  forwarding: z.optional(z.object({ target: z.string() })),
  unanswered: z.optional(z.object({ target: text, ringDelaySeconds: z.optional(z.number()) })),
  activePeriod: text,
  until: text,
});

export type RingState = z.infer<typeof ringStateSchema>;

/** An outcome of a request, or of an entry of a batch. */
const outcomeSchema = z.object({
  part: z.optional(z.number()),
  entry: z.optional(z.number()),
  ref: text,
  user: text,
  outcome: text,
  ring: text,
  target: text,
  ringDelaySeconds: z.optional(z.number()),
  activePeriod: text,
  from: text,
  until: text,
  dryRun: z.optional(z.boolean()),
  would: text,
  sent: z.optional(z.record(z.string(), z.string())),
  previous: z.optional(ringStateSchema),
  verified: z.optional(z.boolean()),
  warnings: z.optional(z.array(z.object({ code: z.string(), detail: z.string() }))),
  code: text,
  detail: text,
  nextTryAt: text,
  endedAt: text,
  status: text,
});

export type Outcome = z.infer<typeof outcomeSchema>;

const batchSummary = {
  batch: z.string(),
  source: text,
  requestedAt: text,
  finishedAt: text,
  nextTryAt: text,
  parts: z.number(),
  missingCount: z.optional(z.number()),
  entries: z.number(),
  finished: z.boolean(),
  cancelled: z.optional(z.boolean()),
  undoes: text,
  undoneBy: text,
  counts: z.record(z.string(), z.number()),
};

const listedBatchSchema = z.object(batchSummary);

export type ListedBatch = z.infer<typeof listedBatchSchema>;

export const batchListSchema = z.object({ batches: z.array(listedBatchSchema), next: text });

/** A batch with one page of its outcomes. */
export const batchSchema = z.object({
  ...batchSummary,
  rejectedMessages: z.optional(z.array(z.object({ reason: z.string(), at: text }))),
  outcomes: z.array(outcomeSchema),
  next: text,
});

export type Batch = z.infer<typeof batchSchema>;

/** What is wrong with one cell of an upload. */
const wrongCellSchema = z.object({
  line: z.optional(z.number()),
  entry: z.optional(z.number()),
  column: text,
  detail: z.string(),
});

export type WrongCell = z.infer<typeof wrongCellSchema>;

/** An upload that was judged or accepted. */
export const uploadSchema = z.object({
  batch: z.string(),
  entries: z.number(),
  rejected: z.object({ count: z.number(), first: z.array(wrongCellSchema) }),
  ignoredColumns: z.optional(z.array(z.string())),
  existing: z.optional(z.boolean()),
});

export type Upload = z.infer<typeof uploadSchema>;

/** A batch that was started: an undo, a check or a cancel. A check without anybody to check has no batch. */
export const startedSchema = z.object({ batch: text });

const listedUserSchema = z.object({
  user: z.string(),
  ring: text,
  target: text,
  ringDelaySeconds: z.optional(z.number()),
  until: text,
  provedAt: text,
  outcome: text,
  code: text,
  detail: text,
  endedAt: text,
  requestedAt: text,
  batch: text,
  source: text,
});

export type ListedUser = z.infer<typeof listedUserSchema>;

export const userListSchema = z.object({ users: z.array(listedUserSchema), next: text });

export { outcomeSchema, ringStateSchema };

/** A problem as the functions return it. `title` and `code` are absent where Azure responds before a function runs. */
export const problemSchema = z.object({
  title: text,
  code: text,
  detail: text,
  correlationId: text,
  errors: z.optional(
    z.array(
      z.object({
        pointer: text,
        detail: z.string(),
        line: z.optional(z.number()),
        column: text,
      }),
    ),
  ),
});

export type Problem = z.infer<typeof problemSchema>;
