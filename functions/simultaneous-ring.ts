import { isDeepStrictEqual } from 'node:util';
import { app, type HttpRequest, type HttpResponseInit } from '@azure/functions';
import * as wiring from '../shared/azure/instance.ts';
import { batchUrl } from '../shared/http/batch-url.ts';
import { readJsonBody } from '../shared/http/body.ts';
import { needlessParameters } from '../shared/http/parameters.ts';
import { problem } from '../shared/http/problem.ts';
import { json, mistakesAnswer, outcomeAnswer } from '../shared/http/response.ts';
import { type Call, serve } from '../shared/http/serve.ts';
import { parsePutBody, parseUser } from '../shared/ring/model/parse-request.ts';
import { issueAt, issuesOf, type ValidationIssue } from '../shared/ring/model/validation.ts';
import {
  type ChangedNow,
  changeForCaller,
  type EndedNow,
  readForCaller,
} from '../shared/ring/serve-caller.ts';

const bodyLimitBytes = 16 * 1024;
const route = 'users/{user}/simultaneous-ring';

app.http('simultaneous-ring-get', {
  methods: ['GET'],
  authLevel: 'function',
  route,
  handler: serve(wiring, read),
});
app.http('simultaneous-ring-put', {
  methods: ['PUT'],
  authLevel: 'function',
  route,
  handler: serve(wiring, set),
});
app.http('simultaneous-ring-delete', {
  methods: ['DELETE'],
  authLevel: 'function',
  route,
  handler: serve(wiring, turnOff),
});

async function read(call: Call<wiring.App>): Promise<HttpResponseInit> {
  const { app: wired, log, correlationId, request } = call;
  const parts = wired.now(log);
  const user = parseUser(request.params['user'] ?? '', parts.rules.users);
  const needless = needlessParameters(request.query);
  if ('mistakes' in user || needless.length > 0) {
    return mistakesAnswer([...issuesOf(user), ...needless], correlationId);
  }
  const found = await readForCaller(parts, { user: user.value, correlationId, signal: wired.stopping });
  if (found.kind !== 'read') return answerEnd(found);
  return json(200, { user: user.value, ...found.state }, correlationId);
}

async function set(call: Call<wiring.App>): Promise<HttpResponseInit> {
  const { app: wired, log, correlationId, request } = call;
  const parts = wired.now(log);
  const body = await readJsonBody(request, bodyLimitBytes);
  if ('refused' in body) {
    return body.refused === 'too-large'
      ? problem('too-large', { detail: 'The body is over 16 KiB.', correlationId })
      : mistakesAnswer([issueAt('', refusals[body.refused])], correlationId);
  }
  const user = parseUser(request.params['user'] ?? '', parts.rules.users);
  const known = 'value' in user ? user.value : undefined;
  const change = parsePutBody(body.content, known, parts.rules.targets);
  const needless = needlessParameters(request.query);
  if ('mistakes' in user || 'mistakes' in change || needless.length > 0) {
    return mistakesAnswer([...issuesOf(user, change), ...needless], correlationId, known);
  }
  const changed = await changeForCaller(parts, {
    user: user.value,
    ...change.value,
    correlationId,
    signal: wired.stopping,
  });
  return answerChange(changed);
}

const refusals = {
  empty:
    'There is no body: send an object such as {"target": "+1 (425) 555-0123"}, with a Content-Length (Azure drops what is sent in chunks).',
  'no-json': 'The body is no JSON: send an object such as {"target": "+1 (425) 555-0123"}.',
} as const;

async function turnOff(call: Call<wiring.App>): Promise<HttpResponseInit> {
  const { app: wired, log, correlationId, request } = call;
  const parts = wired.now(log);
  const user = parseUser(request.params['user'] ?? '', parts.rules.users);
  const needless = [...needlessParameters(request.query), ...(await needlessBody(request))];
  if ('mistakes' in user || needless.length > 0) {
    return mistakesAnswer([...issuesOf(user), ...needless], correlationId);
  }
  const changed = await changeForCaller(parts, {
    user: user.value,
    desired: { ring: 'off' },
    dryRun: false,
    correlationId,
    signal: wired.stopping,
  });
  return answerChange(changed);
}

/** A dry run that is asked for here must not turn anything off. */
async function needlessBody(request: HttpRequest): Promise<readonly ValidationIssue[]> {
  const body = await readJsonBody(request, bodyLimitBytes);
  if ('content' in body && isDeepStrictEqual(body.content, {})) return [];
  if ('refused' in body && body.refused === 'empty') return [];
  return [issueAt('', 'DELETE takes no body, and knows no dry run: leave it out.')];
}

function answerChange(changed: ChangedNow): HttpResponseInit {
  if (changed.kind !== 'deferred') return answerEnd(changed);
  const { outcome, batch } = changed;
  const status = batchUrl(batch);
  return json(202, { ...outcome, status }, outcome.correlationId, { location: status });
}

function answerEnd(end: EndedNow): HttpResponseInit {
  return outcomeAnswer(end.outcome, end.kind === 'unavailable' ? end.retryAfterSeconds : undefined);
}
