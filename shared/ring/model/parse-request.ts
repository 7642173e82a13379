import * as z from 'zod';
import { failed, success } from '../../runtime/result.ts';
import { domainOf, parseSipUri, type SipUri } from '../../ucwa/uri.ts';
import { addressFormProblem, addressSchemaForm } from './address-form.ts';
import { addressKeyMaxLength, encodeAddress } from './address-key.ts';
import {
  type ActivePeriod,
  activePeriods,
  type DesiredRing,
  rings,
  type Schedule,
  settableRings,
} from './desired-ring.ts';
import { type DialRules, parseTarget } from './dial-rules.ts';
import { mapNames, namesOf, parseProperties } from './property-names.ts';
import { checkedSchedule } from './schedule.ts';
import { plainText } from './text-form.ts';
import { timeSchema } from './time.ts';
import {
  checkNesting,
  issueAt,
  issuesOf,
  mergeIssues,
  type Subject,
  type Validated,
  type ValidationIssue,
} from './validation.ts';

export interface UserRules {
  readonly sipDomains: readonly string[];
}

/** The rules of this deployment for users and targets. */
export interface RequestRules {
  readonly users: UserRules;
  readonly targets: DialRules;
}

/** The most characters of a user or target that are read at all; valid ones are shorter. */
export const addressMaxLength = 300;

/** The schema of a user, whose address {@link parseUser} reads. */
export const userSchema = z.string().min(1).max(addressMaxLength).meta(addressSchemaForm);

/** Returns the schema of a property that is one of some words, in any case: senders' enumerations have their own. */
export function wordSchema<const Words extends readonly string[]>(
  words: Words,
  params?: Parameters<typeof z.enum>[1],
) {
  return z.preprocess(
    (value) => (typeof value === 'string' ? value.toLowerCase() : value),
    z.enum(words, params),
  );
}

/** A text of digits needs only its quotes taken off. */
const delayError = {
  error: ({ input }: { readonly input?: unknown }) =>
    `\`ringDelaySeconds\` must be a whole number from 0 to 55${typeof input === 'string' && /^\d+$/.test(input) ? ', without quotes' : ''}.`,
};

/** The properties that say what to ring, shared by the body of PUT and an entry of a batch. */
export const ringPropertySchemas = {
  target: z.string().min(1).max(addressMaxLength).optional(),
  ringDelaySeconds: z.int(delayError).min(0, delayError).max(55, delayError).optional(),
};

/** The properties that say when the settings apply, and when they begin and end. */
export const timePropertySchemas = {
  activePeriod: wordSchema(activePeriods).optional(),
  from: timeSchema('from').optional(),
  until: timeSchema('until').optional(),
};

const turnOffByDelete = 'PUT does not turn the ring off: send a DELETE to the same URL instead.';

/** The schema of the body of a PUT, where the names of its properties are mapped. */
export const putBodySchema = z.strictObject({
  ring: wordSchema(settableRings, {
    error: ({ input }) => (input === 'off' ? turnOffByDelete : undefined),
  }).default('contact'),
  ...ringPropertySchemas,
  ...timePropertySchemas,
  dryRun: z.boolean().default(false),
});

const putSubject: Subject = { name: 'The body', form: ' such as {"target": "+1 (425) 555-0123"}' };

const putNames = namesOf(putBodySchema, putSubject);

/** Reads a user: a SIP address of one of our domains, short enough for the name of a secret. */
export function parseUser(text: string, { sipDomains }: UserRules): Validated<SipUri> {
  const plain = plainText(text);
  const form = addressFormProblem('user', plain);
  if (form !== undefined) return invalidUser(form);
  const user = parseSipUri(plain);
  if (user === undefined) return invalidUser('The user is not a valid SIP address: write it as name@domain.');
  if (!sipDomains.includes(domainOf(user))) {
    return invalidUser(
      `The domain ${domainOf(user)} is not served here: check the address, or have the domain added to SIP_DOMAINS.`,
    );
  }
  if (encodeAddress(user).length > addressKeyMaxLength) {
    return invalidUser(
      'The address is too long: the name of its secret would exceed the 127 characters that Key Vault takes. Use a shorter address.',
    );
  }
  return success(user);
}

function invalidUser(detail: string): Validated<SipUri> {
  return failed([issueAt('/user', detail)]);
}

/** The properties of a request that say what to ring, before any rule is applied. */
interface RingProperties {
  readonly ring: DesiredRing['ring'];
  readonly target?: string | undefined;
  readonly ringDelaySeconds?: number | undefined;
  readonly activePeriod?: ActivePeriod | undefined;
}

/** Reads the desired ring from a request's properties and applies the dial rules; reports all issues at once. */
export function parseDesiredRing(
  properties: RingProperties,
  user: SipUri | undefined,
  rules: DialRules,
): Validated<DesiredRing> {
  const { ring, target, ringDelaySeconds, activePeriod } = properties;
  if (ring === 'contact') return parseContactRing(properties, user, rules);
  const issues = [
    ...(target === undefined ? [] : [issueAt('/target', `A ring of ${ring} takes no target: leave it out.`)]),
    ...(ring === 'off' && ringDelaySeconds !== undefined
      ? [issueAt('/ringDelaySeconds', 'Turning off takes no delay: leave it out.')]
      : []),
    ...(ring === 'off' && activePeriod !== undefined
      ? [issueAt('/activePeriod', 'Turning off takes no active period: leave it out.')]
      : []),
  ];
  if (issues.length > 0) return failed(issues);
  if (ring === 'off') return success({ ring });
  const delay = ringDelaySeconds === undefined ? {} : { ringDelaySeconds };
  return success({ ring, ...delay, ...periodOf(properties) });
}

function periodOf({ activePeriod }: RingProperties): { readonly activePeriod?: ActivePeriod } {
  return activePeriod === undefined ? {} : { activePeriod };
}

/** Returns the times of a request, without those that are absent. */
export function scheduleOf({
  from,
  until,
}: {
  readonly from?: string | undefined;
  readonly until?: string | undefined;
}): Schedule {
  return { ...(from === undefined ? {} : { from }), ...(until === undefined ? {} : { until }) };
}

function parseContactRing(
  properties: RingProperties,
  user: SipUri | undefined,
  rules: DialRules,
): Validated<DesiredRing> {
  const { target, ringDelaySeconds } = properties;
  const delayIssues: readonly ValidationIssue[] =
    ringDelaySeconds === undefined
      ? []
      : [issueAt('/ringDelaySeconds', 'UCWA has no ring delay for a contact: leave it out.')];
  if (target === undefined) {
    const missing = issueAt(
      '/target',
      'The target is missing: give a phone number, a tel: or a sip: URI, or another ring than contact.',
    );
    return failed([missing, ...delayIssues]);
  }
  const parsed = parseTarget(target, user, rules);
  if (!parsed.ok) return failed([{ pointer: '/target', ...parsed.error }, ...delayIssues]);
  if (delayIssues.length > 0) return failed(delayIssues);
  return success({ ring: 'contact', target: parsed.value, ...periodOf(properties) });
}

/** What a PUT asks for. */
export interface PutRequest {
  readonly desired: DesiredRing;
  readonly schedule: Schedule;
  readonly dryRun: boolean;
}

/** Reads the body of a PUT, whose times are judged against that of the request; reports all issues at once. */
export function parsePutBody(
  content: unknown,
  user: SipUri | undefined,
  rules: DialRules,
  requestedAtMs: number,
): Validated<PutRequest> {
  const named = mapNames(content, putNames);
  const nesting = checkNesting(named.value, putSubject);
  if (!nesting.ok) return nesting;
  const body = parseProperties(putBodySchema, named, putNames);
  if (!body.ok) return failed(mergeIssues(body.error, parseReadableRing(named.value, user, rules)));
  const desired = parseDesiredRing(body.value, user, rules);
  const schedule = checkedSchedule(scheduleOf(body.value), requestedAtMs);
  if (!desired.ok || !schedule.ok) return failed(issuesOf(desired, schedule));
  return success({ desired: desired.value, schedule: schedule.value, dryRun: body.value.dryRun });
}

const readableRingSchema = z
  .object({
    ring: wordSchema([...rings, 'unreadable'])
      .default('contact')
      .catch('unreadable'),
    target: ringPropertySchemas.target.catch(undefined),
    ringDelaySeconds: ringPropertySchemas.ringDelaySeconds.catch(undefined),
    activePeriod: timePropertySchemas.activePeriod.catch(undefined),
  })
  .catch({
    ring: 'unreadable',
    target: undefined,
    ringDelaySeconds: undefined,
    activePeriod: undefined,
  });

/**
 * Checks, where the names of its properties are mapped, what can be read of a desired ring whose request is wrong elsewhere, so that all issues are reported together.
 * Where `ring` itself cannot be read, only the target is checked: whether it is needed is not known then.
 */
export function parseReadableRing(
  content: unknown,
  user: SipUri | undefined,
  rules: DialRules,
): Validated<unknown> {
  const { ring, ...rest } = readableRingSchema.parse(content);
  if (ring !== 'unreadable') return parseDesiredRing({ ring, ...rest }, user, rules);
  if (rest.target === undefined) return success(undefined);
  return parseDesiredRing({ ring: 'contact', target: rest.target }, user, rules);
}
