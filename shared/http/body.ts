import { isDeepStrictEqual } from 'node:util';
import type { HttpRequest } from '@azure/functions';
import { issueAt, type ValidationIssue } from '../ring/model/validation.ts';
import { failed, type Result, success } from '../runtime/result.ts';

/** Reads a JSON body of at most `limitBytes`. */
export async function readJsonBody(
  request: HttpRequest,
  limitBytes: number,
): Promise<Result<unknown, 'too-large' | 'not-json' | 'empty'>> {
  const announced = Number(request.headers.get('content-length') ?? 0);
  if (announced > limitBytes) return failed('too-large');
  const text = await request.text();
  if (Buffer.byteLength(text) > limitBytes) return failed('too-large');
  if (text.trim() === '') return failed('empty');
  try {
    return success(JSON.parse(text));
  } catch {
    return failed('not-json');
  }
}

const emptyBodyLimitBytes = 1024;

/**
 * Returns an issue where a request of a route without a body has one: options that are ignored would look like ones that are
 * obeyed. Some clients always send `{}`.
 */
export async function unexpectedBody(
  request: HttpRequest,
  detail: string,
): Promise<readonly ValidationIssue[]> {
  const body = await readJsonBody(request, emptyBodyLimitBytes);
  const isEmpty = body.ok ? isDeepStrictEqual(body.value, {}) : body.error === 'empty';
  return isEmpty ? [] : [issueAt('', detail)];
}
