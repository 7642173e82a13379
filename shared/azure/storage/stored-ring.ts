import * as z from 'zod';
import { rings } from '../../ring/model/desired-ring.ts';
import type { RingState } from '../../ring/model/ring-state.ts';
import { parseSipUri, parseTelUri, type RingTarget } from '../../ucwa/uri.ts';
import { asStored, shownWord } from './stored-json.ts';

const targetSchema = z.string().transform((text, context): RingTarget => {
  const target = parseTelUri(text) ?? parseSipUri(text);
  // What is stored is in canonical form.
  if (target === text) return target;
  context.addIssue('is not a tel: or sip: URI in canonical form.');
  return z.NEVER;
});

const knownRingSchema = asStored(
  z.discriminatedUnion('ring', [
    z.object({ ring: z.literal('contact'), target: targetSchema }),
    z.object({ ring: z.enum(['delegates', 'team']), ringDelaySeconds: z.number().exactOptional() }),
    z.object({ ring: z.literal('off') }),
  ]),
);

const newerRingSchema = z.object({
  ring: z.string().refine((ring) => !rings.some((known) => known === ring)),
});

/** A desired ring; undefined if only a newer version knows that kind of ring. */
export const desiredRingSchema = z.union([knownRingSchema, newerRingSchema.transform(() => undefined)]);

/** A user's own target for unanswered calls. */
export const unansweredSchema = asStored(
  z.object({ target: z.string().exactOptional(), ringDelaySeconds: z.number().exactOptional() }),
);

/** What was set for a user before a change. */
export const ringStateSchema = asStored(
  z.object({
    ring: shownWord<RingState['ring']>(),
    target: z.string().exactOptional(),
    ringDelaySeconds: z.number().exactOptional(),
    forwarding: z.object({ target: z.string().exactOptional() }).exactOptional(),
    unanswered: unansweredSchema.exactOptional(),
    activePeriod: shownWord<'workhours'>().exactOptional(),
  }),
);
