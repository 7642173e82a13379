import * as z from 'zod';
import { type Answer, errorAnswer } from './vault-answers.ts';

const commonProperties = {
  /** The secret whose reads fail; default: every request. */
  name: z.string().min(1).optional(),
  /** Number of requests that fail; default: all until the faults are cleared. */
  times: z.number().int().positive().optional(),
};

/** The JSON of a fault in the control API. */
export const faultSchema = z.union([
  z.strictObject({ ...commonProperties, kind: z.enum(['hang', 'reset']) }),
  z.strictObject({
    ...commonProperties,
    status: z.number().int().min(400).max(599),
    code: z.string().optional(),
    /** The code of the inner error, where Key Vault tells the cause of a 403. */
    innerCode: z.string().optional(),
    message: z.string().optional(),
    retryAfterSeconds: z.number().int().nonnegative().optional(),
  }),
]);

/** A failure on demand: an error status, a request without a response (`hang`), or a broken connection (`reset`). */
export type Fault = z.infer<typeof faultSchema>;

/** The active faults; the oldest that matches a request applies. */
export class Faults {
  #active: { fault: Fault; left: number }[] = [];

  add(fault: Fault): void {
    this.#active.push({ fault, left: fault.times ?? Number.POSITIVE_INFINITY });
  }

  clear(): void {
    this.#active = [];
  }

  /** Returns the fault for a request that reads the secret `name`, and counts it as used. */
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

const defaultCodes: Readonly<Record<number, string>> = {
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'SecretNotFound',
  429: 'Throttled',
  500: 'InternalServerError',
  503: 'ServiceUnavailable',
};

/** Returns the response of a fault, or how it ends the request without one. */
export function answerOf(fault: Fault): Answer | 'hang' | 'reset' {
  if ('kind' in fault) return fault.kind;
  const code = fault.code ?? defaultCodes[fault.status] ?? 'Fault';
  const message = fault.message ?? 'A fault of the Key Vault emulator is active.';
  const answer = errorAnswer(fault.status, code, message, fault.innerCode);
  if (fault.retryAfterSeconds === undefined) return answer;
  return { ...answer, headers: { 'retry-after': String(fault.retryAfterSeconds) } };
}
