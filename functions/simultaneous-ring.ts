import { app, type HttpResponseInit } from '@azure/functions';
import * as wiring from '../shared/azure/wiring.ts';
import { json, mistakesAnswer, outcomeAnswer } from '../shared/http/answers.ts';
import { batchUrl } from '../shared/http/batch-url.ts';
import { readJsonBody } from '../shared/http/body.ts';
import { problem } from '../shared/http/problem.ts';
import { type Call, serve } from '../shared/http/serve.ts';
import { type ChangedNow, changeRingNow, type EndedNow, readRingNow } from '../shared/ring/change-now.ts';
import { mistakesOf } from '../shared/ring/mistakes.ts';
import { parseRingBody, parseUser } from '../shared/ring/request.ts';

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
  if ('mistakes' in user) return mistakesAnswer(user.mistakes, correlationId);
  const found = await readRingNow(parts, { user: user.value, correlationId, signal: wired.stopping });
  if (found.kind !== 'read') return answerEnd(found);
  return json(200, { user: user.value, ...found.setting }, correlationId);
}

async function set(call: Call<wiring.App>): Promise<HttpResponseInit> {
  const { app: wired, log, correlationId, request } = call;
  const parts = wired.now(log);
  const body = await readJsonBody(request, bodyLimitBytes);
  if ('refused' in body) {
    return body.refused === 'too-large'
      ? problem('too-large', { detail: 'The body is over 16 KiB.', correlationId })
      : mistakesAnswer(
          [
            {
              pointer: '',
              detail: 'The body is no JSON: send an object such as {"target": "+1 (425) 555-0123"}.',
              code: 'invalid-request',
            },
          ],
          correlationId,
        );
  }
  const user = parseUser(request.params['user'] ?? '', parts.rules.users);
  const known = 'value' in user ? user.value : undefined;
  const change = parseRingBody(body.content, known, parts.rules.targets);
  if ('mistakes' in user || 'mistakes' in change) {
    return mistakesAnswer(mistakesOf(user, change), correlationId, known);
  }
  const changed = await changeRingNow(parts, {
    user: user.value,
    ...change.value,
    correlationId,
    signal: wired.stopping,
  });
  return answerChange(changed);
}

async function turnOff(call: Call<wiring.App>): Promise<HttpResponseInit> {
  const { app: wired, log, correlationId, request } = call;
  const parts = wired.now(log);
  const user = parseUser(request.params['user'] ?? '', parts.rules.users);
  if ('mistakes' in user) return mistakesAnswer(user.mistakes, correlationId);
  const changed = await changeRingNow(parts, {
    user: user.value,
    wish: { ring: 'off' },
    dryRun: false,
    correlationId,
    signal: wired.stopping,
  });
  return answerChange(changed);
}

function answerChange(changed: ChangedNow): HttpResponseInit {
  if (changed.kind !== 'deferred') return answerEnd(changed);
  const { outcome, batch } = changed;
  return json(202, outcome, outcome.correlationId, { location: batchUrl(batch) });
}

function answerEnd(end: EndedNow): HttpResponseInit {
  return outcomeAnswer(end.outcome, end.kind === 'unavailable' ? end.retryAfterSeconds : undefined);
}
