import * as z from 'zod';

/** An outcome as the API tells it; one over HTTP has no place in a batch. */
export const outcomeForm = z.object({
  entry: z.number().optional(),
  ref: z.string().optional(),
  user: z.string(),
  outcome: z.string().optional(),
  ring: z.string().optional(),
  target: z.string().optional(),
  verified: z.boolean().optional(),
  recovery: z.array(z.string()).optional(),
  code: z.string().optional(),
  detail: z.string().optional(),
});

/** What the batch route answers. */
export const batchForm = z.object({
  entries: z.number(),
  finished: z.boolean(),
  counts: z.record(z.string(), z.number()),
  outcomes: z.array(outcomeForm),
  next: z.string().optional(),
});

export type BatchOutcome = z.infer<typeof outcomeForm>;
export type Batch = z.infer<typeof batchForm>;

/** Reads a batch from its route; undefined while there is none. */
export async function readBatch(url: string, path: string): Promise<Batch | undefined> {
  const response = await fetch(new URL(path, url));
  if (response.status === 404) return undefined;
  if (response.status !== 200)
    throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
  return batchForm.parse(await response.json());
}

/** All outcomes of a batch, page after page. */
export async function readOutcomes(url: string, path: string): Promise<readonly BatchOutcome[]> {
  const outcomes: BatchOutcome[] = [];
  for (let next: string | undefined = path; next !== undefined; ) {
    const batch: Batch | undefined = await readBatch(url, next);
    outcomes.push(...(batch?.outcomes ?? []));
    next = batch?.next;
  }
  return outcomes;
}
