import type { HttpRequest } from '@azure/functions';
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
