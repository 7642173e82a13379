import { csvProperties } from '../../../../shared/ring/batch/csv/columns.ts';
import { readCsv } from '../../../../shared/ring/batch/csv/read.ts';
import { csvLine } from '../../../../shared/ring/batch/csv/write.ts';
import { planMessage } from '../../../../shared/ring/batch/plan.ts';
import { readJsonUpload } from '../../../../shared/ring/batch/upload/read-upload.ts';
import { parsePutBody, parseUser, type RequestRules } from '../../../../shared/ring/model/parse-request.ts';
import { formatIssue, issuesOf } from '../../../../shared/ring/model/validation.ts';
import { bulkMessageOf } from '../bulk-message.ts';

/** The words of a request, each as a text. */
export interface Words {
  readonly user: string;
  readonly target: string;
}

/** What was read: a user and a target, or the reasons for a refusal. */
export type Verdict =
  | { readonly user: string; readonly target: string | undefined }
  | { readonly code: string | undefined; readonly reasons: string };

/** One way for words to come to us. */
export type Reader = (words: Words, rules: RequestRules) => Verdict;

/** As PUT reads them: the user in the URL, the target in the body. */
const readPut: Reader = ({ user, target }, rules) => {
  const parsedUser = parseUser(user, rules.users);
  const body = parsePutBody({ target }, parsedUser.ok ? parsedUser.value : undefined, rules.targets, 0);
  if (parsedUser.ok && body.ok) {
    const { desired } = body.value;
    return { user: parsedUser.value, target: desired.ring === 'contact' ? desired.target : undefined };
  }
  const issues = issuesOf(parsedUser, body);
  const [first] = issues;
  const isOneKind = issues.every(({ code }) => code === first?.code);
  return {
    code: isOneKind ? first?.code : 'invalid-request',
    reasons: issues.map(formatIssue).join(' '),
  };
};

function readEntry(entry: unknown, rules: RequestRules): Verdict {
  const message = bulkMessageOf({ schema: 'simring/bulk/1', batch: 'hr', entries: [entry] });
  const { items, entries } = planMessage(message, 0, rules, 'c-1');
  const [item] = items;
  if (item !== undefined) {
    const { user, desired } = item;
    return { user, target: desired.ring === 'contact' ? desired.target : undefined };
  }
  const outcome = entries[0]?.outcome;
  if (outcome === undefined || !('detail' in outcome)) throw new Error('The entry has no reason.');
  return { code: 'code' in outcome ? outcome.code : undefined, reasons: outcome.detail };
}

/** As a row of a CSV file that we wrote ourselves: with all columns, and protected from formulas. */
const readCsvRow: Reader = ({ user, target }, rules) => {
  const text = csvLine(csvProperties) + csvLine([user, 'contact', target, '', '', '', '', 'E1042']);
  const file = readCsv(Buffer.from(text));
  if (!file.ok) throw new Error(file.error);
  return readEntry(file.value.rows[0]?.entry, rules);
};

/** As one entry of a JSON upload. */
const readUploaded: Reader = (words, rules) => {
  const upload = readJsonUpload({ entries: [{ ...words }] });
  if (!upload.ok) throw new Error('The upload around the entry is not valid.');
  return readEntry(upload.value.rows[0]?.entry, rules);
};

/** Every way for words to come to us. All must judge the same words alike. */
export const readers: Readonly<Record<string, Reader>> = {
  PUT: readPut,
  queue: (words, rules) => readEntry({ ...words }, rules),
  'an entry with every property of a CSV row': (words, rules) =>
    readEntry({ ...words, ring: 'contact', ref: 'E1042' }, rules),
  'a CSV file': readCsvRow,
  'a JSON upload': readUploaded,
};

/** Returns the ways that these words can come. A blank cell says nothing, and a file with a zero byte is not text. */
export function readersOf({ user, target }: Words): Readonly<Record<string, Reader>> {
  const isInCsv = [user, target].every((word) => word.trim() !== '' && !word.includes('\0'));
  if (isInCsv) return readers;
  const { 'a CSV file': _csv, ...others } = readers;
  return others;
}
