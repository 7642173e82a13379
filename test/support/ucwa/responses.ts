import { Headers } from 'node-fetch';
import type { UcwaResponse } from '../../../shared/ucwa/transport/transport.ts';

/** Returns a response as the transport would, an empty 200 by default. */
export function responseWith(content: {
  status?: number;
  headers?: Readonly<Record<string, string>>;
  text?: string;
  url?: string;
}): UcwaResponse {
  const { status = 200, headers = {}, text = '', url = 'https://pool.contoso.com/user' } = content;
  return { step: 'read', url: new URL(url), status, headers: new Headers(headers), text };
}
