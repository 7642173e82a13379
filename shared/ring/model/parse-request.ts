import * as z from 'zod';
import { domainOf, parseSipUri, type SipUri } from '../../ucwa/uri.ts';
import { secretName, secretNameMaxLength } from './address-key.ts';
import type { DesiredRing } from './desired-ring.ts';
import { type DialRules, parseTarget } from './dial-rules.ts';
import { issueAt, mergeIssues, type Parsed, parseSchema } from './validation.ts';

export interface UserRules {
  readonly sipDomains: readonly string[];
}

/** Most characters of a user or a target that are read; what they may be in the end is shorter. */
export const addressMaxLength = 300;

export const ringChoices = ['contact', 'delegates', 'team'] as const;

/** The body of a PUT, before the rules for targets. */
export const putBodySchema = z.strictObject({
  ring: z.enum(ringChoices).default('contact'),
  target: z.string().min(1).max(addressMaxLength).optional(),
  ringDelaySeconds: z.int().min(0).max(55).optional(),
  dryRun: z.boolean().default(false),
});

/** Reads a user: a SIP address of one of our domains, whose secret's name fits into Key Vault. */
export function parseUser(text: string, { sipDomains }: UserRules): Parsed<SipUri> {
  const user = parseSipUri(text);
  if (user === undefined) return invalidUser('The user is no SIP address: write it as name@domain.');
  if (!sipDomains.includes(domainOf(user))) {
    return invalidUser(`The domain ${domainOf(user)} is not one of ours (SIP_DOMAINS).`);
  }
  if (secretName(user).length > secretNameMaxLength) {
    return invalidUser(
      `The address is too long: the name of its secret would be over ${secretNameMaxLength} characters.`,
    );
  }
  return { value: user };
}

function invalidUser(detail: string): Parsed<SipUri> {
  return { mistakes: [issueAt('/user', detail)] };
}

/** What a request says of the ring, before any rule. */
interface RingProperties {
  readonly ring: DesiredRing['ring'];
  readonly target?: string | undefined;
  readonly ringDelaySeconds?: number | undefined;
}

/** What a request's words mean, the dial rules kept; all mistakes at once. */
export function parseDesiredRing(
  words: RingProperties,
  user: SipUri | undefined,
  rules: DialRules,
): Parsed<DesiredRing> {
  const { ring, target, ringDelaySeconds } = words;
  if (ring === 'contact') return parseContactRing(words, user, rules);
  const mistakes = [
    ...(target === undefined ? [] : [issueAt('/target', `A ring of ${ring} takes no target: leave it out.`)]),
    ...(ring === 'off' && ringDelaySeconds !== undefined
      ? [issueAt('/ringDelaySeconds', 'Turning off takes no delay: leave it out.')]
      : []),
  ];
  if (mistakes.length > 0) return { mistakes };
  if (ring === 'off') return { value: { ring } };
  return { value: { ring, ...(ringDelaySeconds === undefined ? {} : { ringDelaySeconds }) } };
}

function parseContactRing(
  { target, ringDelaySeconds }: RingProperties,
  user: SipUri | undefined,
  rules: DialRules,
): Parsed<DesiredRing> {
  const delayMistakes =
    ringDelaySeconds === undefined
      ? []
      : [issueAt('/ringDelaySeconds', 'UCWA knows no delay for a contact: leave it out.')];
  if (target === undefined) {
    const missing = issueAt('/target', 'A contact needs a target: a phone number, tel: or sip: URI.');
    return { mistakes: [missing, ...delayMistakes] };
  }
  const parsed = parseTarget(target, user, rules);
  if ('problem' in parsed) return { mistakes: [{ pointer: '/target', ...parsed.problem }, ...delayMistakes] };
  if (delayMistakes.length > 0) return { mistakes: delayMistakes };
  return { value: { ring: 'contact', target: parsed.target } };
}

/** Reads the body of a PUT; all mistakes at once. */
export function parsePutBody(
  content: unknown,
  user: SipUri | undefined,
  rules: DialRules,
): Parsed<{ desired: DesiredRing; dryRun: boolean }> {
  const body = parseSchema(putBodySchema, content);
  if ('mistakes' in body) {
    return { mistakes: mergeIssues(body.mistakes, parseReadableRing(content, user, rules)) };
  }
  const desired = parseDesiredRing(body.value, user, rules);
  return 'mistakes' in desired ? desired : { value: { desired: desired.value, dryRun: body.value.dryRun } };
}

const words = putBodySchema.shape;

const readableRingSchema = z
  .object({
    ring: z
      .enum([...ringChoices, 'off', 'unreadable'])
      .default('contact')
      .catch('unreadable'),
    target: words.target.catch(undefined),
    ringDelaySeconds: words.ringDelaySeconds.catch(undefined),
  })
  .catch({ ring: 'unreadable', target: undefined, ringDelaySeconds: undefined });

/**
 * Reads what can be read of a desired that is wrong elsewhere, so that all its mistakes are told along with the rest. Where
 * the ring itself cannot be read, a target is judged alone: whether one is needed is then not known.
 */
export function parseReadableRing(
  content: unknown,
  user: SipUri | undefined,
  rules: DialRules,
): Parsed<unknown> {
  const { ring, ...rest } = readableRingSchema.parse(content);
  if (ring !== 'unreadable') return parseDesiredRing({ ring, ...rest }, user, rules);
  if (rest.target === undefined) return { value: undefined };
  return parseDesiredRing({ ring: 'contact', target: rest.target }, user, rules);
}
