import type { HttpRequest } from '@azure/functions';
import * as z from 'zod';
import {
  maxUploadEntries,
  readCsvUpload,
  readJsonUpload,
  type UploadContent,
  uploadNameSchema,
} from '../ring/batch/upload/read-upload.ts';
import type { Upload } from '../ring/batch/upload/upload.ts';
import { issueAt, issuesOf, type Validated, type ValidationIssue } from '../ring/model/validation.ts';
import { failed, type Result, success } from '../runtime/result.ts';
import { parseJsonBytes, readBytes } from './body.ts';
import { flag, parseQuery, queryOf } from './parameters.ts';
import { parseSource } from './source.ts';

/** The most bytes in the body of an upload. */
export const uploadLimitBytes = 32 * 1024 * 1024;

/** The query parameters of an upload. */
export const uploadQuerySchema = z.strictObject({
  batch: uploadNameSchema.optional(),
  dryRun: flag,
  strict: flag,
  validate: flag,
});

type UploadQuery = z.output<typeof uploadQuerySchema>;

/** A request that uploads entries. */
export interface UploadRequest {
  readonly upload: Upload;
  /** True where the entries are only to be judged. */
  readonly validate: boolean;
  /** Columns of a CSV file that were ignored. */
  readonly ignoredColumns?: readonly string[];
}

/** Why a request is not an upload: it is larger than an upload may be, or wrong. */
export type UploadRequestProblem =
  | { readonly kind: 'too-large'; readonly subject: string }
  | { readonly kind: 'invalid'; readonly issues: readonly ValidationIssue[] };

type Received = Pick<HttpRequest, 'headers' | 'arrayBuffer' | 'query' | 'url'>;

/** Reads a request that uploads entries. What body and query both say must agree. */
export async function readUpload(request: Received): Promise<Result<UploadRequest, UploadRequestProblem>> {
  const bytes = await readBytes(request, uploadLimitBytes);
  if (bytes === undefined) return failed({ kind: 'too-large', subject: 'The body has more than 32 MiB' });
  const query = parseQuery(uploadQuerySchema, queryOf(request));
  const source = parseSource(request.headers);
  const content = parseUploadBody(request.headers.get('content-type'), bytes);
  if (!query.ok || !source.ok || !content.ok) {
    return failed({ kind: 'invalid', issues: issuesOf(query, source, content) });
  }
  const issues = disagreements(content.value, query.value);
  if (issues.length > 0) return failed({ kind: 'invalid', issues });
  if (content.value.rows.length > maxUploadEntries) {
    return failed({ kind: 'too-large', subject: 'The upload has more than 100,000 entries' });
  }
  return success(combine(content.value, query.value, source.value));
}

function combine(
  { ignoredColumns, ...said }: UploadContent,
  { batch = said.batch, dryRun = said.dryRun ?? false, strict = false, validate = false }: UploadQuery,
  source: string | undefined,
): UploadRequest {
  const upload = { ...said, batch, dryRun, strict, source: said.source ?? source };
  return { upload, validate, ...(ignoredColumns === undefined ? {} : { ignoredColumns }) };
}

/** Reads the body of an upload: JSON or CSV, as its content type says, or as it begins where that says neither. */
export function parseUploadBody(contentType: string | null, bytes: Uint8Array): Validated<UploadContent> {
  if (bytes.length === 0) return failed([issueAt('', noBody)]);
  const [written = ''] = (contentType ?? '').toLowerCase().split(';');
  const type = written.trim();
  if (type.startsWith('multipart/')) return failed([issueAt('', noForm)]);
  const isJson = /\bjson$/.test(type) || (!csvTypes.includes(type) && beginsAsJson(bytes));
  return isJson ? parseJsonBody(bytes) : readCsvUpload(bytes);
}

const noBody =
  'The body is empty: send a CSV file with content-type text/csv, or a bulk message as JSON, with a Content-Length (Azure drops chunked bodies).';
const noForm =
  'The body is a form: send the file itself as the body, such as with curl --data-binary @file.csv, and content-type text/csv.';
const jsonAdvice =
  'Send an object such as {"entries": [{"user": "alice@contoso.com", "target": "+14255550123"}]}, or a CSV file with content-type text/csv.';

/** What browsers and tools call a CSV file; Windows knows it by Excel. */
const csvTypes = [
  'text/csv',
  'text/comma-separated-values',
  'text/tab-separated-values',
  'application/csv',
  'application/vnd.ms-excel',
];

function beginsAsJson(bytes: Uint8Array): boolean {
  const start = new TextDecoder().decode(bytes.subarray(0, 1_000)).trimStart();
  return start.startsWith('{') || start.startsWith('[');
}

function parseJsonBody(bytes: Uint8Array): Validated<UploadContent> {
  const value = parseJsonBytes(bytes, jsonAdvice);
  return value.ok ? readJsonUpload(value.value) : value;
}

/** Returns an issue for each property that body and query give differently. */
export function disagreements(
  { batch, dryRun }: UploadContent,
  query: Pick<UploadQuery, 'batch' | 'dryRun'>,
): readonly ValidationIssue[] {
  const differ = (inBody: unknown, inQuery: unknown) =>
    inBody !== undefined && inQuery !== undefined && inBody !== inQuery;
  return [
    ...(differ(batch, query.batch) ? [disagreement('batch')] : []),
    ...(differ(dryRun, query.dryRun) ? [disagreement('dryRun')] : []),
  ];
}

function disagreement(name: string): ValidationIssue {
  return issueAt(`/${name}`, `\`${name}\` differs in body and query: give it in one of them.`);
}
