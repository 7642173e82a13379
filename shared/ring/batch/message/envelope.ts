import * as z from 'zod';

/** The name of a batch: it stands in URLs and in the keys of tables. */
export const batchNameSchema = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
    'The name of a batch must be 1 to 64 of A–Z a–z 0–9 . _ -, the first a letter or digit.',
  );

/** The most parts that a batch may have. */
export const maxParts = 100_000;

/** The highest generation that a message may have: one that has reached it is not requeued. */
export const maxGeneration = 100_000;

/** The most characters of what a sender says of itself. */
export const sourceMaxLength = 100;

/** The properties that messages of every kind have. */
export const envelopeProperties = {
  batch: batchNameSchema,
  part: z.int().min(0).lt(maxParts).default(0),
  source: z.string().max(sourceMaxLength).optional(),
  /** What the row of a batch by an identified caller says of its messages. Only we set it. */
  ticket: z
    .string()
    .regex(/^[0-9a-f-]{36}$/)
    .optional(),
  dryRun: z.boolean().default(false),
  deferrals: z.int().min(0).max(maxGeneration).default(0),
  hop: z.int().min(0).max(maxGeneration).default(0),
};
