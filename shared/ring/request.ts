import * as z from 'zod';
import { domainOf, parseSipUri, type SipUri } from '../ucwa/uri.ts';
import { parseTarget, type TargetRules } from './target-rules.ts';
import type { Wish } from './wish.ts';

/** A mistake in a request: where it stands, by JSON pointer, and how to mend it. */
export interface RequestMistake {
  readonly pointer: string;
  readonly detail: string;
  readonly code: 'invalid-request' | 'target-not-allowed';
}

export interface UserRules {
  readonly sipDomains: readonly string[];
}

export const ringChoices = ['contact', 'delegates', 'team'] as const;

/** The body of a PUT, before the rules for targets. */
export const ringBody = z.strictObject({
  ring: z.enum(ringChoices).default('contact'),
  target: z.string().min(1).max(300).optional(),
  ringDelaySeconds: z.int().min(0).max(55).optional(),
  dryRun: z.boolean().default(false),
});

export type Parsed<T> = { readonly value: T } | { readonly mistakes: readonly RequestMistake[] };

/** Reads a user: a SIP address of one of our domains, whose secret's name fits into Key Vault. */
export function parseUser(text: string, { sipDomains }: UserRules): Parsed<SipUri> {
  const user = parseSipUri(text);
  if (user === undefined) return mistake('/user', 'The user is no SIP address: write it as name@domain.');
  if (!sipDomains.includes(domainOf(user))) {
    return mistake('/user', `The domain ${domainOf(user)} is not one of ours (SIP_DOMAINS).`);
  }
  if (secretName(user).length > 127) {
    return mistake('/user', 'The address is too long: the name of its secret would be over 127 characters.');
  }
  return { value: user };
}

/** What a request's words mean, the dial rules kept; all mistakes at once. */
export function parseWish(
  words: { ring: Wish['ring']; target?: string | undefined; ringDelaySeconds?: number | undefined },
  user: SipUri | undefined,
  rules: TargetRules,
): Parsed<Wish> {
  const { ring, target, ringDelaySeconds } = words;
  if (ring === 'contact') {
    const delay =
      ringDelaySeconds === undefined
        ? []
        : mistakes('/ringDelaySeconds', 'UCWA knows no delay for a contact: leave it out.');
    if (target === undefined) {
      return {
        mistakes: [
          ...mistakes('/target', 'A contact needs a target: a phone number, tel: or sip: URI.'),
          ...delay,
        ],
      };
    }
    const parsed = parseTarget(target, user, rules);
    if ('problem' in parsed) return { mistakes: [{ pointer: '/target', ...parsed.problem }, ...delay] };
    return delay.length > 0 ? { mistakes: delay } : { value: { ring, target: parsed.target } };
  }
  const found = [
    ...(target === undefined ? [] : mistakes('/target', `A ring of ${ring} takes no target: leave it out.`)),
    ...(ring === 'off' && ringDelaySeconds !== undefined
      ? mistakes('/ringDelaySeconds', 'Turning off takes no delay: leave it out.')
      : []),
  ];
  if (found.length > 0) return { mistakes: found };
  if (ring === 'off') return { value: { ring } };
  return { value: { ring, ...(ringDelaySeconds === undefined ? {} : { ringDelaySeconds }) } };
}

/** Reads the body of a PUT; all mistakes at once. */
export function parseRingBody(
  content: unknown,
  user: SipUri | undefined,
  rules: TargetRules,
): Parsed<{ wish: Wish; dryRun: boolean }> {
  const body = ringBody.safeParse(content);
  if (!body.success) {
    return { mistakes: addMistakes(schemaMistakes(body.error), parseUsableWish(content, user, rules)) };
  }
  const wish = parseWish(body.data, user, rules);
  return 'mistakes' in wish ? wish : { value: { wish: wish.value, dryRun: body.data.dryRun } };
}

const words = ringBody.shape;

const usableForm = z
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
 * Reads what can be read of a wish that is wrong elsewhere, so that all its mistakes are told along with the rest. Where
 * the ring itself cannot be read, a target is judged alone: whether one is needed is then not known.
 */
export function parseUsableWish(
  content: unknown,
  user: SipUri | undefined,
  rules: TargetRules,
): Parsed<unknown> {
  const { ring, ...rest } = usableForm.parse(content);
  if (ring !== 'unreadable') return parseWish({ ring, ...rest }, user, rules);
  if (rest.target === undefined) return { value: undefined };
  return parseWish({ ring: 'contact', target: rest.target }, user, rules);
}

/** Adds what else is wrong to what a schema found, where the schema did not speak of the same property. */
export function addMistakes(
  found: readonly RequestMistake[],
  ...others: readonly Parsed<unknown>[]
): readonly RequestMistake[] {
  const told = new Set(found.map(({ pointer: at }) => at));
  if (told.has('')) return found;
  const more = others.flatMap((other) => ('mistakes' in other ? other.mistakes : []));
  return [...found, ...more.filter(({ pointer: at }) => !told.has(at))];
}

/** The mistakes that a schema found, each with its pointer and a sentence. */
export function schemaMistakes(error: z.ZodError): RequestMistake[] {
  return error.issues.flatMap((issue) => {
    const unknown = issue.code === 'unrecognized_keys' ? issue.keys : [];
    if (unknown.length > 0) {
      return unknown.flatMap((key) =>
        mistakes(pointer([...issue.path, key]), 'There is no such property: leave it out.'),
      );
    }
    return mistakes(pointer(issue.path), issue.message);
  });
}

/**
 * The name of a person's secret: `ucwa-` and the address with every byte but a–z and 0–9 as `-` and two hex digits.
 */
export function secretName(user: SipUri): string {
  return `ucwa-${encodeAddress(user)}`;
}

/** An address as a name that vaults and tables take. */
export function encodeAddress(user: SipUri): string {
  return [...Buffer.from(user.slice('sip:'.length), 'utf8')]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return /[a-z0-9]/.test(character) ? character : `-${byte.toString(16).padStart(2, '0')}`;
    })
    .join('');
}

function pointer(path: readonly PropertyKey[]): string {
  return path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

function mistakes(at: string, detail: string): RequestMistake[] {
  return [{ pointer: at, detail, code: 'invalid-request' }];
}

function mistake(at: string, detail: string): { mistakes: readonly RequestMistake[] } {
  return { mistakes: mistakes(at, detail) };
}
