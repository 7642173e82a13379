import * as z from 'zod';
import { Semaphore, type Slots } from '../../../shared/runtime/semaphore.ts';
import { type BatchHarness, openHarness } from './batch-harness.ts';
import type { Overrides } from './ring-deps.ts';

const requeuedSchema = z.object({
  hop: z.number(),
  deferrals: z.number(),
  requestedAt: z.string(),
  entries: z.array(z.object({ entry: z.number(), attempts: z.number() })),
});

/** Returns the messages that were requeued, in order, each with its delay. */
export function requeued({ queues }: BatchHarness) {
  return queues.bulk.map(({ text, delayMs }) => ({ delayMs, ...requeuedSchema.parse(JSON.parse(text)) }));
}

/** A fault of the simulator that lasts until the faults are cleared. */
export const always503 = { times: Number.POSITIVE_INFINITY, answer: { status: 503 } } as const;

/** Opens a harness whose only slot stays taken. The wait for it, five seconds, ends at once. */
export async function openHarnessWithoutSlots(more: Overrides = {}): Promise<BatchHarness> {
  const taken = new Semaphore(1);
  await taken.acquire();
  const slots: Slots = {
    isFull: true,
    acquire: (signal) => {
      const waiting = taken.acquire(signal);
      harness.clock.expireTimeouts(5_000);
      return waiting;
    },
  };
  const harness: BatchHarness = await openHarness({ ...more, slots });
  return harness;
}
