import { parseUser } from '../../../shared/ring/model/parse-request.ts';
import { failed, type Result, success } from '../../../shared/runtime/result.ts';
import type { SipUri } from '../../../shared/ucwa/uri.ts';

/** Reads a user's address as the functions do. Without `sipDomains`, which the functions know, every domain is taken. */
export function readAddress(text: string, sipDomains: readonly string[] | undefined): Result<SipUri, string> {
  const domain = text
    .slice(text.lastIndexOf('@') + 1)
    .normalize('NFKC')
    .replace(/[\s\p{Cf}]+/gu, '')
    .toLowerCase();
  const read = parseUser(text, { sipDomains: sipDomains ?? [domain] });
  if (read.ok) return success(read.value);
  return failed(read.error.map(({ detail }) => detail).join(' '));
}
