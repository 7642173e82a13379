/** Runs a timer's function once, apart from its schedule; returns false when no timer has this name. */
export type RunTimer = (name: string) => boolean;

/**
 * The part of the real host's `POST /admin/functions/{name}` that runs timers
 * (https://learn.microsoft.com/azure/azure-functions/functions-manually-run-non-http). Returns 202 at once, 404 for
 * anything but a timer.
 */
export function runFromAdmin(method: string | undefined, path: string, runTimer: RunTimer): 202 | 404 {
  const [, name] = /^\/admin\/functions\/([^/]+)\/?$/i.exec(path) ?? [];
  return method === 'POST' && name !== undefined && runTimer(name) ? 202 : 404;
}
