import { describedPath, judgeResponse, paths } from './described.ts';

interface Response {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/**
 * Returns how a response of the functions differs from the description of its route and status. What the host sends itself
 * has no correlation id, and is not described.
 */
export function responseErrors(method: string, url: string, response: Response): readonly string[] {
  const { status, headers, body } = response;
  if (!headers.has('x-correlation-id')) return [];
  const path = describedPath(url);
  const operation = path === undefined ? undefined : paths[path]?.[method.toLowerCase()];
  if (path === undefined || operation === undefined || Array.isArray(operation))
    return [`${method} ${url} is not described`];
  const described = operation.responses[String(status)];
  if (described === undefined) return [`${method} ${path} has no status ${status}`];
  const type = headers.get('content-type')?.split(';')[0] ?? '';
  const absent = Object.keys(described.headers).filter((name) => !headers.has(name));
  const missing = absent.map((name) => `${method} ${path} ${status} lacks the header ${name}`);
  if (!(type in described.content)) return [...missing, `${method} ${path} ${status} has no ${type}`];
  if (!type.endsWith('json')) return missing;
  const steps = ['paths', path, method.toLowerCase(), 'responses', String(status), 'content', type, 'schema'];
  const errors = judgeResponse(steps.map((step) => `/${escapeStep(step)}`).join(''), body);
  return [...missing, ...errors.map((error) => `${method} ${path} ${status}: ${error}`)];
}

/** A step of a JSON pointer in the fragment of a URL. */
function escapeStep(step: string): string {
  return encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1'));
}
