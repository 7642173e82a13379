import * as z from 'zod';

const targetSchema = z.object({ target: z.string().exactOptional() });

/** A user's settings as GET and `previous` tell them. */
export const toldSettingsSchema = z.object({
  ring: z.enum(['off', 'contact', 'delegates', 'team']),
  target: z.string().exactOptional(),
  ringDelaySeconds: z.number().exactOptional(),
  forwarding: targetSchema.exactOptional(),
  unanswered: targetSchema.extend({ ringDelaySeconds: z.number().exactOptional() }).exactOptional(),
  activePeriod: z.enum(['always', 'workhours']).exactOptional(),
});

export type ToldSettings = z.infer<typeof toldSettingsSchema>;

/** An outcome as the API returns it; `part` and `entry` are absent outside a batch. */
export const outcomeSchema = z.object({
  part: z.number().optional(),
  entry: z.number().optional(),
  ref: z.string().optional(),
  user: z.string(),
  outcome: z.string().optional(),
  ring: z.string().optional(),
  target: z.string().optional(),
  ringDelaySeconds: z.number().optional(),
  previous: toldSettingsSchema.optional(),
  dryRun: z.boolean().optional(),
  would: z.enum(['apply', 'nothing']).optional(),
  warnings: z.array(z.object({ code: z.string() })).optional(),
  verified: z.boolean().optional(),
  recovery: z.array(z.string()).optional(),
  code: z.string().optional(),
  detail: z.string().optional(),
});

/** A page of a batch as the API returns it. */
export const batchSchema = z.object({
  entries: z.number(),
  finished: z.boolean(),
  counts: z.record(z.string(), z.number()),
  outcomes: z.array(outcomeSchema),
  next: z.string().optional(),
});

export type BatchOutcome = z.infer<typeof outcomeSchema>;
export type Batch = z.infer<typeof batchSchema>;

/** Reads a page of a batch; undefined while the batch does not exist. Throws for any other status than 200. */
export async function readBatch(url: string, path: string): Promise<Batch | undefined> {
  const response = await fetch(new URL(path, url));
  if (response.status === 404) return undefined;
  if (response.status !== 200)
    throw new Error(`GET ${path} returned ${response.status}: ${await response.text()}`);
  return batchSchema.parse(await response.json());
}

/** Reads all outcomes of a batch, page by page. */
export async function readOutcomes(url: string, path: string): Promise<readonly BatchOutcome[]> {
  const outcomes: BatchOutcome[] = [];
  for (let next: string | undefined = path; next !== undefined; ) {
    const batch: Batch | undefined = await readBatch(url, next);
    outcomes.push(...(batch?.outcomes ?? []));
    next = batch?.next;
  }
  return outcomes;
}
