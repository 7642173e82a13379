import * as z from 'zod';
import { type Answer, errorAnswer } from './vault-answers.ts';

const whichSchema = {
  /** The secret it strikes; every request when left out. */
  name: z.string().min(1).optional(),
  /** How many requests it strikes; until cleared when left out. */
  times: z.number().int().positive().optional(),
};

/** The form of a fault as the control routes take it. */
export const faultSchema = z.union([
  z.strictObject({ ...whichSchema, kind: z.enum(['hang', 'reset']) }),
  z.strictObject({
    ...whichSchema,
    status: z.number().int().min(400).max(599),
    code: z.string().optional(),
    retryAfterSeconds: z.number().int().nonnegative().optional(),
  }),
]);

/**
 * What goes wrong instead of an answer: an error status, a request that is never answered, a connection that breaks.
 * It strikes `times` requests for the secret `name`; left out, until cleared and every request.
 */
export type Fault = z.infer<typeof faultSchema>;

/** The faults that are switched on; the oldest that fits a request strikes it. */
export class Faults {
  #active: { fault: Fault; left: number }[] = [];

  add(fault: Fault): void {
    this.#active.push({ fault, left: fault.times ?? Number.POSITIVE_INFINITY });
  }

  clear(): void {
    this.#active = [];
  }

  /** The fault that strikes this request, which uses it up by one. */
  take(name: string | undefined): Fault | undefined {
    const hit = this.#active.find(({ fault }) => fault.name === undefined || isSame(fault.name, name));
    if (!hit) return undefined;
    hit.left -= 1;
    if (hit.left === 0) this.#active = this.#active.filter((one) => one !== hit);
    return hit.fault;
  }
}

function isSame(a: string, b: string | undefined): boolean {
  return a.toLowerCase() === b?.toLowerCase();
}

const usualCodes: Readonly<Record<number, string>> = {
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'SecretNotFound',
  429: 'Throttled',
  500: 'InternalServerError',
  503: 'ServiceUnavailable',
};

/** What a fault answers, or how it leaves the request without an answer. */
export function answerFault(fault: Fault): Answer | 'hang' | 'reset' {
  if ('kind' in fault) return fault.kind;
  const code = fault.code ?? usualCodes[fault.status] ?? 'Fault';
  const answer = errorAnswer(fault.status, code, 'This fault was switched on.');
  if (fault.retryAfterSeconds === undefined) return answer;
  return { ...answer, headers: { 'retry-after': String(fault.retryAfterSeconds) } };
}
