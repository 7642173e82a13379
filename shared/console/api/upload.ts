import type { Api, Reply } from './client.ts';
import { type Upload, uploadSchema } from './schemas.ts';

/** A file, and the name that its batch was given; empty where the content gives it one. */
export interface FileToSend {
  readonly file: File;
  readonly name: string;
}

/** What becomes of the file: it is judged, tried without changing anything, or sent. */
export type Sending = 'validate' | 'dryRun' | 'send';

/** Sends a file, and tells what is wrong in it. */
export function uploadFile(api: Api, { file, name }: FileToSend, sending: Sending): Promise<Reply<Upload>> {
  const query = new URLSearchParams({
    ...(sending === 'send' ? {} : { [sending]: 'true' }),
    ...(name === '' ? {} : { batch: name }),
  });
  const isJson = file.name.toLowerCase().endsWith('.json');
  return api.json(`/api/bulk${query.size === 0 ? '' : `?${query}`}`, uploadSchema, {
    method: 'POST',
    body: file,
    contentType: isJson ? 'application/json' : 'text/csv',
  });
}
