import type { IncomingMessage, ServerResponse } from 'node:http';
import { type HttpServer, serve } from './http-server.ts';
import { alice } from './people.ts';

/** One answer of a scripted pool; one with neither `json` nor `body` is empty. */
export interface ScriptedAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly body?: string;
}

/** An answer, or what is done instead of answering. */
export type Script = ScriptedAnswer | ((request: IncomingMessage, response: ServerResponse) => void);

/** The token that a scripted pool gives. */
export const scriptedToken = 'cwt=AAEB-scripted-token';

/**
 * A pool of one user, Alice, whose every answer can be replaced by one that no well-behaved server would give.
 * Discovery is on the same origin; requests that no script is for get 404.
 */
export function playPool(replaced: Readonly<Record<string, Script>> = {}): Promise<HttpServer> {
  const scripts: Readonly<Record<string, Script>> = { ...goodAnswers, ...replaced };
  return serve((request, response) => {
    const withoutToken = request.url === '/user' && request.headers.authorization === undefined;
    const line = `${request.method} ${request.url}${withoutToken ? ' without a token' : ''}`;
    const script = scripts[line] ?? { status: 404 };
    if (typeof script === 'function') script(request, response);
    else answer(script, response);
  });
}

function answer({ status = 200, headers = {}, json, body }: ScriptedAnswer, response: ServerResponse): void {
  response.writeHead(status, headers);
  response.end(json === undefined ? body : JSON.stringify(json));
}

/** Links of a resource. */
export function links(hrefs: Readonly<Record<string, string>>): { _links: Record<string, { href: string }> } {
  return { _links: Object.fromEntries(Object.entries(hrefs).map(([rel, href]) => [rel, { href }])) };
}

/** An application whose `me` is Alice, with other links where they are given. */
export function application({ self = '/app', settings = '/settings' } = {}): object {
  const me = { uri: alice.sip, ...links({ self: '/me', callForwardingSettings: settings }) };
  return { ...links({ self }), _embedded: { me } };
}

/** Settings that ring nobody, with other links where they are given. */
export function settings({ contact = '/contact', ring = '/ring' } = {}): object {
  const part = { target: 'None', ...links({ contact, simultaneousRingToContact: ring }) };
  return {
    activePeriod: 'Always',
    activeSetting: 'None',
    ...links({ self: '/settings', turnOffCallForwarding: '/off' }),
    _embedded: { simultaneousRingSettings: part },
  };
}

export function challenge(href = '/token'): ScriptedAnswer {
  const header = `MsRtcOAuth href="${href}",grant_type="password"`;
  return { status: 401, headers: { 'www-authenticate': header } };
}

const goodAnswers: Readonly<Record<string, Script>> = {
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
