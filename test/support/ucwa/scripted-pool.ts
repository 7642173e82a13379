import type { IncomingMessage, ServerResponse } from 'node:http';
import { type HttpServer, serve } from './http-server.ts';
import { alice } from './users.ts';

/** One response of a scripted pool. Without `json` and `body` it is empty. */
export interface ScriptedResponse {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly body?: string;
}

/** A response, or a handler that responds in its own way or not at all. */
export type Script = ScriptedResponse | ((request: IncomingMessage, response: ServerResponse) => void);

/** The token that a scripted pool issues. */
export const scriptedToken = 'cwt=AAEB-scripted-token';

/**
 * Starts a pool with one user, Alice. Each response can be replaced, also by one that no correct server would give.
 * Discovery is on the same origin; a request without a script gets 404.
 */
export function startScriptedPool(replaced: Readonly<Record<string, Script>> = {}): Promise<HttpServer> {
  const scripts: Readonly<Record<string, Script>> = { ...correctResponses, ...replaced };
  return serve((request, response) => {
    const withoutToken = request.url === '/user' && request.headers.authorization === undefined;
    const line = `${request.method} ${request.url}${withoutToken ? ' without a token' : ''}`;
    const script = scripts[line] ?? { status: 404 };
    if (typeof script === 'function') script(request, response);
    else respond(script, response);
  });
}

function respond(
  { status = 200, headers = {}, json, body }: ScriptedResponse,
  response: ServerResponse,
): void {
  response.writeHead(status, headers);
  response.end(json === undefined ? body : JSON.stringify(json));
}

/** Returns the links of a resource. */
export function links(hrefs: Readonly<Record<string, string>>): { _links: Record<string, { href: string }> } {
  return { _links: Object.fromEntries(Object.entries(hrefs).map(([rel, href]) => [rel, { href }])) };
}

/** Returns an application whose `me` is Alice. */
export function application({ self = '/app', settings = '/settings' } = {}): object {
  const me = { uri: alice.sip, ...links({ self: '/me', callForwardingSettings: settings }) };
  return { ...links({ self }), _embedded: { me } };
}

/** Returns settings without an active ring. */
export function settings({ contact = '/contact', ring = '/ring' } = {}): object {
  const ringSettings = { target: 'None', ...links({ contact, simultaneousRingToContact: ring }) };
  return {
    activePeriod: 'Always',
    activeSetting: 'None',
    ...links({ self: '/settings', turnOffCallForwarding: '/off' }),
    _embedded: { simultaneousRingSettings: ringSettings },
  };
}

/** Returns a 401 that names where the password goes. */
export function challenge(href = '/token'): ScriptedResponse {
  const header = `MsRtcOAuth href="${href}",grant_type="password"`;
  return { status: 401, headers: { 'www-authenticate': header } };
}

const correctResponses: Readonly<Record<string, Script>> = {
  'GET /': { json: links({ self: '/', user: '/user' }) },
  'GET /user without a token': challenge(),
  'POST /token': { json: { access_token: scriptedToken, token_type: 'Bearer', expires_in: 28_364 } },
  'GET /user': { json: links({ self: '/user', applications: '/applications' }) },
  'POST /applications': { status: 201, json: application() },
  'GET /settings': { json: settings() },
  'POST /ring': { status: 204 },
  'POST /off': { status: 204 },
  'GET /contact': { json: { uri: 'tel:+14255550123', ...links({ self: '/contact' }) } },
  'DELETE /app': { status: 204 },
};
