import { randomUUID } from 'node:crypto';

export const correlationHeader = 'x-correlation-id';

/** Returns the caller's correlation id if it is well-formed (1–64 of A–Z a–z 0–9 . _ -), otherwise a new one. */
export function correlationIdOf(headers: { get(name: string): string | null }): string {
  const header = headers.get(correlationHeader);
  return header !== null && /^[A-Za-z0-9._-]{1,64}$/.test(header) ? header : randomUUID();
}
