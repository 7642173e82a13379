import type { HttpRequest } from '@azure/functions';

export type BodyRead =
  | { readonly content: unknown }
  | { readonly refused: 'too-large' | 'no-json' | 'empty' };

/** Reads a JSON body of at most so many bytes. */
export async function readJsonBody(request: HttpRequest, limitBytes: number): Promise<BodyRead> {
  const announced = Number(request.headers.get('content-length') ?? 0);
  if (announced > limitBytes) return { refused: 'too-large' };
  const text = await request.text();
  if (Buffer.byteLength(text) > limitBytes) return { refused: 'too-large' };
  if (text.trim() === '') return { refused: 'empty' };
  try {
    return { content: JSON.parse(text) };
  } catch {
    return { refused: 'no-json' };
  }
}
