import { sourceMaxLength } from '../ring/batch/message/envelope.ts';
import { issueAt, type Validated } from '../ring/model/validation.ts';
import { failed, success } from '../runtime/result.ts';

/** The header in which a caller says what it is. */
export const sourceHeader = 'x-source';

/** Reads what a caller says of itself in the header `x-source`; undefined where that is absent or blank. Nothing verifies it. */
export function parseSource(headers: { get(name: string): string | null }): Validated<string | undefined> {
  const source = headers.get(sourceHeader)?.trim() ?? '';
  const issues = [
    ...(source.length <= sourceMaxLength ? [] : [tooLong]),
    // Clients and servers differ in how they encode other characters in headers.
    ...(/^[\x20-\x7E]*$/.test(source) ? [] : [notAscii]),
  ];
  if (issues.length > 0) return failed(issues.map((detail) => issueAt(`/${sourceHeader}`, detail)));
  return success(source === '' ? undefined : source);
}

const tooLong = `The header ${sourceHeader} is too long: send at most ${sourceMaxLength} characters.`;
const notAscii = `The header ${sourceHeader} has characters that are not printable ASCII: write it without them.`;
