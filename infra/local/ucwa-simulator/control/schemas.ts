import * as z from 'zod';
import { operations, steps } from '../steps.ts';
import type { Fault, SimulatedUser, Variants } from '../types.ts';

const count = z.int().min(0);
const contact = z.string().exactOptional();

const callForwardingSchema = z.strictObject({
  activePeriod: z.enum(['Always', 'Workhours']).exactOptional(),
  activeSetting: z.enum(['None', 'ImmediateForward', 'SimultaneousRing']).exactOptional(),
  immediateForward: z
    .strictObject({ target: z.enum(['None', 'Contact', 'Delegates', 'Voicemail']), contact })
    .exactOptional(),
  simultaneousRing: z
    .strictObject({
      target: z.enum(['None', 'Contact', 'Delegates', 'Team']),
      ringDelay: z.int().min(0).max(55),
      contact,
    })
    .exactOptional(),
  unanswered: z
    .strictObject({
      target: z.enum(['None', 'Contact', 'Voicemail']),
      ringDelay: z.int().min(5).max(60),
      contact,
    })
    .exactOptional(),
});

const statusAnswerSchema = z.strictObject({
  status: z.int().min(200).max(599),
  code: z.string().exactOptional(),
  subcode: z.string().exactOptional(),
  format: z.enum(['json', 'xml', 'html']).exactOptional(),
  parameters: z.array(z.strictObject({ name: z.string(), reason: z.string() })).exactOptional(),
  headers: z.record(z.string(), z.string()).exactOptional(),
  body: z.string().exactOptional(),
});

const brokenAnswerSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('hang') }),
  z.strictObject({ kind: z.literal('reset') }),
  z.strictObject({ kind: z.literal('reset-in-body') }),
  z.strictObject({ kind: z.literal('slow-body'), bytesPerSecond: z.number().positive() }),
  z.strictObject({ kind: z.literal('huge-body'), bytes: count }),
  z.strictObject({ kind: z.literal('broken-gzip') }),
  z.strictObject({ kind: z.literal('malformed-json') }),
  z.strictObject({ kind: z.literal('bad-links') }),
  z.strictObject({ kind: z.literal('wrong-shape') }),
  z.strictObject({
    kind: z.literal('token-error'),
    error: z.string(),
    diagnostics: z.string().exactOptional(),
    passiveAuthUri: z.string().exactOptional(),
  }),
]);

/** Chooses the schema by the presence of `kind`: the issues of a union would name both. */
const faultAnswerSchema = z.unknown().transform((value, context): Fault['answer'] => {
  const hasKind = typeof value === 'object' && value !== null && 'kind' in value;
  const parsed = (hasKind ? brokenAnswerSchema : statusAnswerSchema).safeParse(value);
  if (parsed.success) return parsed.data;
  for (const { path, message } of parsed.error.issues) {
    context.addIssue({ code: 'custom', message, path: [...path] });
  }
  return z.NEVER;
});

/** JSON has no infinity, so that it is written as the string `"Infinity"`. */
const times = z.union([z.int().min(1), z.literal('Infinity').transform(() => Number.POSITIVE_INFINITY)]);

export const faultSchema: z.ZodType<Fault> = z.strictObject({
  step: z.enum(steps).exactOptional(),
  operation: z.enum(operations).exactOptional(),
  user: z.string().exactOptional(),
  pool: z.string().exactOptional(),
  skip: count.exactOptional(),
  times: times.exactOptional(),
  applied: z.boolean().exactOptional(),
  answer: faultAnswerSchema,
});

export const variantsSchema: z.ZodType<Partial<Variants>> = z.strictObject({
  hrefs: z.enum(['relative', 'absolute', 'double-slash']).exactOptional(),
  linkQueries: z.boolean().exactOptional(),
  settings: z.enum(['embedded', 'linked']).exactOptional(),
  errors: z.enum(['json', 'xml', 'html']).exactOptional(),
  challenge: z
    .enum([
      'two-headers',
      'one-header',
      'unquoted-href',
      'none',
      'bearer-only',
      'no-password-grant',
      'with-authorization-uri',
    ])
    .exactOptional(),
  byteOrderMark: z.boolean().exactOptional(),
  gzip: z.boolean().exactOptional(),
  etag: z.enum(['header', 'property']).exactOptional(),
  numberForm: z
    .enum(['tel', 'sip-user-phone', 'sip-skip-rnl', 'person', 'person-bare-digits', 'forbidden'])
    .exactOptional(),
  homePool: z.enum(['link', 'redirect']).exactOptional(),
  discovery: z.enum(['user', 'redirect', 'redirect-chain', 'redirect-loop', 'http-redirect']).exactOptional(),
  targetInBody: z.enum(['taken', 'refused']).exactOptional(),
  readBackDelayReads: count.exactOptional(),
  rememberTarget: z.boolean().exactOptional(),
  unknownProperties: z.boolean().exactOptional(),
  forwardingTarget: z.enum(['shared', 'separate']).exactOptional(),
  periodAfterPost: z.enum(['kept', 'reset']).exactOptional(),
  omittedDelay: z.enum(['kept', 'default']).exactOptional(),
  noDelegates: z.enum(['conflict', 'forbidden']).exactOptional(),
  linksWhileForwarding: z.enum(['shown', 'hidden']).exactOptional(),
  upnRefused: z.boolean().exactOptional(),
  tokenService: z
    .enum(['own-host', 'other-pool', 'other-pool-for-registrar', 'other-pool-for-itself'])
    .exactOptional(),
  passwordRefusal: z.enum(['json-400', 'json-401', 'json-403', 'page-401']).exactOptional(),
});

const simulatedUserSchema: z.ZodType<SimulatedUser> = z.strictObject({
  sip: z.string().regex(/^sip:[^@\s]+@[^@\s]+$/i, 'must be a SIP address with its scheme'),
  username: z.string().min(1),
  password: z.string().min(1),
  pool: z.string().exactOptional(),
  enterpriseVoice: z.boolean().exactOptional(),
  simultaneousRing: z.boolean().exactOptional(),
  meUri: z.string().exactOptional(),
  delegates: z.boolean().exactOptional(),
  team: z.boolean().exactOptional(),
  settings: callForwardingSchema.exactOptional(),
});

export const usersSchema = z.strictObject({ users: z.array(simulatedUserSchema).min(1) });
export const latencySchema = z.strictObject({ ms: z.number().min(0) });
/** `null`: unlimited. */
export const capacitySchema = z.strictObject({ requests: z.union([z.int().min(1), z.null()]) });
