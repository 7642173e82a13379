import { Headers } from 'node-fetch';
import type { UcwaAnswer } from '../../../shared/ucwa/transport/transport.ts';

/** An answer of a pool, as the transport would give it. */
export function answerWith(parts: {
  status?: number;
  headers?: Readonly<Record<string, string>>;
  text?: string;
  url?: string;
}): UcwaAnswer {
  const { status = 200, headers = {}, text = '', url = 'https://pool.contoso.com/user' } = parts;
  return { step: 'read', url: new URL(url), status, headers: new Headers(headers), text };
}
