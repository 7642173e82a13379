import type { IncomingMessage } from 'node:http';
import type { HttpFunction } from '../app/function-definition.ts';

/**
 * Whether the caller may call a function of this level. Without keys everybody may, as on a developer's machine. There
 * is no master key: where keys are on, `admin` is closed to all. The header goes before `?code=`.
 */
export function isAuthorized(
  authLevel: HttpFunction['authLevel'],
  request: IncomingMessage,
  query: URLSearchParams,
  keys: readonly string[] | undefined,
): boolean {
  if (!keys || authLevel === 'anonymous') return true;
  const key = request.headers['x-functions-key'] ?? query.get('code');
  return authLevel === 'function' && typeof key === 'string' && keys.includes(key);
}
