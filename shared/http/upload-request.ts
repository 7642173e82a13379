import type { HttpRequest } from '@azure/functions';
import * as z from 'zod';
import {
  readCsvUpload,
  readJsonUpload,
  type UploadContent,
  uploadNameSchema,
} from '../ring/batch/upload/read-upload.ts';
import { issueAt, type Validated, type ValidationIssue } from '../ring/model/validation.ts';
import { failed } from '../runtime/result.ts';
import { flag, parseQuery } from './parameters.ts';

/** The most bytes in the body of an upload. */
export const uploadLimitBytes = 32 * 1024 * 1024;

/** The query parameters of an upload. */
export const uploadQuerySchema = z.strictObject({
  batch: uploadNameSchema.optional(),
  dryRun: flag,
  strict: flag,
  validate: flag,
});

/** The query of an upload. */
export type UploadQuery = z.output<typeof uploadQuerySchema>;

/** Reads the query parameters of an upload. */
export function parseUploadQuery(query: Readonly<Record<string, string>>): Validated<UploadQuery> {
  return parseQuery(uploadQuerySchema, query);
}

/** Reads the body of an upload: JSON or CSV, as its content type says, or as it begins where that says neither. */
export function parseUploadBody(contentType: string | null, bytes: Uint8Array): Validated<UploadContent> {
  if (bytes.length === 0) return failed([issueAt('', noBody)]);
  const [type = ''] = (contentType ?? '').toLowerCase().split(';');
  if (type.startsWith('multipart/')) return failed([issueAt('', noForm)]);
  const isJson = /\bjson$/.test(type.trim()) || (!isCsvType(type.trim()) && beginsAsJson(bytes));
  if (!isJson) return readCsvUpload(bytes);
  const text = new TextDecoder().decode(bytes);
  try {
    return readJsonUpload(JSON.parse(text));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return failed([issueAt('', notJson)]);
  }
}

const noBody =
  'The body is empty: send a CSV file with content-type text/csv, or a bulk message as JSON, with a Content-Length (Azure drops chunked bodies).';
const noForm =
  'The body is a form: send the file itself as the body, such as with curl --data-binary @file.csv, and content-type text/csv.';
const notJson =
  'The body is not valid JSON: send an object such as {"entries": [{"user": "alice@contoso.com", "target": "+14255550123"}]}, or a CSV file with content-type text/csv.';

/** What browsers and tools call a CSV file; Windows knows it by Excel. */
function isCsvType(type: string): boolean {
  return /^(?:text\/|application\/(?:csv|vnd\.ms-excel)$)/.test(type);
}

function beginsAsJson(bytes: Uint8Array): boolean {
  const start = new TextDecoder().decode(bytes.subarray(0, 1_000)).trimStart();
  return start.startsWith('{') || start.startsWith('[');
}

/** Returns an issue for each property that body and query give differently. */
export function disagreements(
  { batch, dryRun }: UploadContent,
  query: UploadQuery,
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

/** Returns the bytes of a request; undefined where they are more than an upload may have. */
export async function readBytes(
  request: Pick<HttpRequest, 'headers' | 'arrayBuffer'>,
): Promise<Uint8Array | undefined> {
  const announced = Number(request.headers.get('content-length') ?? 0);
  if (announced > uploadLimitBytes) return undefined;
  const bytes = new Uint8Array(await request.arrayBuffer());
  return bytes.length > uploadLimitBytes ? undefined : bytes;
}
