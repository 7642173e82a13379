import * as z from 'zod';
import { activePeriods, type DesiredRing, rings } from '../../../ring/model/desired-ring.ts';
import type { FoundState, RingState, UnansweredTarget } from '../../../ring/model/ring-state.ts';
import { parseSipUri, parseTelUri, type RingTarget } from '../../../ucwa/uri.ts';
import { groupRingNames } from '../../../ucwa/vocabulary.ts';
import { asStored, shownWord } from '../stored-json.ts';

/** The kind of a ring, where it is only shown. */
export const ringWordSchema = shownWord<DesiredRing['ring']>();

const targetSchema = z.string().transform((text, context): RingTarget => {
  const target = parseTelUri(text) ?? parseSipUri(text);
  if (target === text) return target;
  context.addIssue('is not a tel: or sip: URI in the form in which it is stored.');
  return z.NEVER;
});

const period = { activePeriod: z.enum(activePeriods).exactOptional() };

const knownRingSchema: z.ZodType<DesiredRing> = asStored(
  z.discriminatedUnion('ring', [
    z.object({ ring: z.literal('contact'), target: targetSchema, ...period }),
    z.object({ ring: z.enum(groupRingNames), ringDelaySeconds: z.number().exactOptional(), ...period }),
    z.object({ ring: z.literal('off') }),
  ]),
);

const newerRingSchema = z.object({
  ring: z.string().refine((ring) => !rings.some((known) => known === ring)),
});

/** A desired ring; undefined if only a newer version knows its kind. */
export const desiredRingSchema = z.union([knownRingSchema, newerRingSchema.transform(() => undefined)]);

/** A user's own target for unanswered calls. */
export const unansweredSchema: z.ZodType<UnansweredTarget> = asStored(
  z.object({ target: z.string().exactOptional(), ringDelaySeconds: z.number().exactOptional() }),
);

const stateProperties = {
  ring: ringWordSchema,
  target: z.string().exactOptional(),
  ringDelaySeconds: z.number().exactOptional(),
  forwarding: z.object({ target: z.string().exactOptional() }).exactOptional(),
  unanswered: unansweredSchema.exactOptional(),
  activePeriod: shownWord<'workhours'>().exactOptional(),
};

/** A ring state. It is only shown, so that its words may be those of a newer version. */
export const ringStateSchema: z.ZodType<RingState> = asStored(z.object(stateProperties));

/** What an undo goes back to: 0.1 stored the ring state alone. */
export const foundStateSchema: z.ZodType<FoundState> = asStored(
  z.object({
    ...stateProperties,
    asWritten: z
      .object({
        target: z.string().exactOptional(),
        forwarding: z.string().exactOptional(),
        unanswered: z.string().exactOptional(),
      })
      .exactOptional(),
    unansweredDefault: z
      .object({ to: z.enum(['voicemail', 'none']), ringDelaySeconds: z.number().exactOptional() })
      .exactOptional(),
  }),
);
