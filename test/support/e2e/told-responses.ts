import * as z from 'zod';
import type { Agreement } from '../../../infra/local/demo/agreement.ts';
import { outcomeSchema, toldSettingsSchema } from '../../../infra/local/demo/batch.ts';
import { eventually } from './eventually.ts';

const batchPageSchema = z.object({
  batch: z.string(),
  finished: z.boolean(),
  outcomes: z.array(outcomeSchema),
  next: z.string().optional(),
});
const listPageSchema = z.object({
  batches: z.array(z.object({ batch: z.string() })),
  next: z.string().optional(),
});
const endedSchema = outcomeSchema.extend({ outcome: z.string() });
const readingSchema = toldSettingsSchema.extend({ user: z.string() });

/** Tells an agreement what the body of a response says of users: an outcome, a reading, or a page of a batch. */
export function tellResponse(agreement: Agreement, body: unknown): void {
  const page = batchPageSchema.safeParse(body);
  const outcome = endedSchema.safeParse(body);
  const reading = readingSchema.safeParse(body);
  if (page.success) {
    for (const one of page.data.outcomes) agreement.tell({ ...one, batch: page.data.batch });
  } else if (outcome.success) agreement.tell(outcome.data);
  else if (reading.success) {
    const { user, ...told } = reading.data;
    agreement.tellReading(user, told);
  }
}

/** What the functions tell of their batches, read to the end once each of them has finished. */
export class ToldBatches {
  readonly #agreement: Agreement;
  readonly #ended = new Set<string>();

  constructor(agreement: Agreement) {
    this.#agreement = agreement;
  }

  /** Tells the agreement the outcomes of all batches, the oldest batch first. */
  async read(url: string): Promise<void> {
    for (const batch of await listBatches(url)) {
      if (!this.#ended.has(batch) && (await this.#readAll(url, batch))) this.#ended.add(batch);
    }
  }

  /** Returns whether the batch has finished. */
  async #readAll(url: string, batch: string): Promise<boolean> {
    let isFinished = true;
    for (let next: string | undefined = `/api/bulk/${batch}?limit=500`; next !== undefined; ) {
      const body = await getJson(url, next);
      tellResponse(this.#agreement, body);
      const page: z.infer<typeof batchPageSchema> = batchPageSchema.parse(body);
      isFinished &&= page.finished;
      next = page.next;
    }
    return isFinished;
  }
}

async function listBatches(url: string): Promise<readonly string[]> {
  const names: string[] = [];
  for (let next: string | undefined = '/api/bulk?all=true&limit=100'; next !== undefined; ) {
    const page: z.infer<typeof listPageSchema> = listPageSchema.parse(await getJson(url, next));
    names.push(...page.batches.map(({ batch }) => batch));
    next = page.next;
  }
  return names.reverse();
}

/** Storage on a loaded machine is sometimes too slow, which is a 503. */
async function getJson(url: string, path: string): Promise<unknown> {
  const { body } = await eventually(
    async () => {
      const response = await fetch(new URL(path, url));
      return { status: response.status, body: await response.text() };
    },
    ({ status }) => status === 200,
  );
  return JSON.parse(body);
}

/** Returns the JSON objects in the output of a command, which may stand on one line. */
export function printedJson(output: string): readonly unknown[] {
  return output
    .replaceAll('}{', '}\n{')
    .split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('}'))
    .map((line) => JSON.parse(line));
}
