import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import * as z from 'zod';
import { longestRunMs } from '../../shared/azure/settings/settings.ts';
import { lastDeliveriesFrom } from '../../shared/ring/batch/endings.ts';

const hostSchema = z.object({
  functionTimeout: z.string().regex(/^\d\d:\d\d:\d\d$/),
  extensions: z.object({ queues: z.object({ maxDequeueCount: z.number() }) }),
});
const host = hostSchema.parse(JSON.parse(readFileSync(new URL('../../host.json', import.meta.url), 'utf8')));

it('leaves five deliveries to record open entries before the host moves a message to the poison queue', () => {
  expect(host.extensions.queues.maxDequeueCount - lastDeliveriesFrom).toBe(5);
});

it('leaves a run a minute to finish', () => {
  const [hours = 0, minutes = 0, seconds = 0] = host.functionTimeout.split(':').map(Number);
  expect(((hours * 60 + minutes) * 60 + seconds) * 1000 - longestRunMs).toBe(60_000);
});
