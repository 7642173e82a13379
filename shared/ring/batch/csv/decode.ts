import { failed, type Result, success } from '../../../runtime/result.ts';

const saveAgain = 'In Excel, choose File, Save As, "CSV UTF-8 (Comma delimited)", and send that file.';

/** How files begin that are not text, and what they are. */
const signatures: readonly (readonly [bytes: readonly number[], what: string])[] = [
  [[0x50, 0x4b, 0x03, 0x04], 'an Excel workbook or another zip file'],
  [[0xd0, 0xcf, 0x11, 0xe0], 'an old Excel workbook'],
  [[0x25, 0x50, 0x44, 0x46], 'a PDF file'],
  [[0x1f, 0x8b], 'a compressed file'],
];

const marks: readonly (readonly [bytes: readonly number[], encoding: string])[] = [
  [[0xef, 0xbb, 0xbf], 'utf-8'],
  [[0xff, 0xfe], 'utf-16le'],
  [[0xfe, 0xff], 'utf-16be'],
];

/**
 * Decodes the bytes of a CSV file: as their byte order mark says, else as UTF-8 where they are valid UTF-8, else as
 * Windows-1252, which Excel writes in Western locales. Fails with a sentence where they are not text.
 */
export function decodeCsv(bytes: Uint8Array): Result<string, string> {
  const other = signatures.find(([signature]) => beginsWith(bytes, signature));
  if (other !== undefined) return failed(`The file is ${other[1]}, not a CSV file. ${saveAgain}`);
  const mark = marks.find(([signature]) => beginsWith(bytes, signature));
  const text =
    mark === undefined
      ? (decodeAs('utf-8', bytes) ?? decodeAs('windows-1252', bytes))
      : decodeAs(mark[1], bytes);
  if (text === undefined) {
    return failed(`The file begins as ${mark?.[1].toUpperCase()} and is damaged further on. ${saveAgain}`);
  }
  if (text.includes('\0')) return failed(`The file is not text: it contains zero bytes. ${saveAgain}`);
  return success(text);
}

function beginsWith(bytes: Uint8Array, signature: readonly number[]): boolean {
  return signature.every((byte, index) => bytes[index] === byte);
}

/** Returns undefined where the bytes are not valid in this encoding. A byte order mark is left out. */
function decodeAs(encoding: string, bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
