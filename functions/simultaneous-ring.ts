import { app, type HttpResponseInit } from '@azure/functions';
import * as instance from '../shared/azure/instance.ts';
import { batchUrl } from '../shared/http/batch-url.ts';
import { readJsonBody, unexpectedBody } from '../shared/http/body.ts';
import { actsForSelf, scheduleIssues } from '../shared/http/callers/self-rules.ts';
import { unknownParameters } from '../shared/http/parameters.ts';
import { problem } from '../shared/http/problem.ts';
import { issuesResponse, jsonResponse, outcomeResponse } from '../shared/http/response.ts';
import { type Call, serve } from '../shared/http/serve.ts';
import { parseSource } from '../shared/http/source.ts';
import { parsePutBody, parseUser } from '../shared/ring/model/parse-request.ts';
import { issuesOf } from '../shared/ring/model/validation.ts';
import {
  type ChangeServed,
  changeForCaller,
  readForCaller,
  type Served,
} from '../shared/ring/serve-caller.ts';

const bodyLimitBytes = 16 * 1024;
const route = 'users/{user}/simultaneous-ring';

app.http('simultaneous-ring-get', {
  methods: ['GET'],
  route,
  ...serve(instance, { needs: 'read', self: true }, read),
});
app.http('simultaneous-ring-put', {
  methods: ['PUT'],
  route,
  ...serve(instance, { needs: 'write', self: true }, set),
});
app.http('simultaneous-ring-delete', {
  methods: ['DELETE'],
  route,
  ...serve(instance, { needs: 'write', self: true }, turnOff),
});

async function read(call: Call<instance.App>): Promise<HttpResponseInit> {
  const { app, request } = call;
  const { deps } = app;
  const invocation = actingFor(call);
  const user = parseUser(request.params['user'] ?? '', deps.rules.users);
  const unknown = unknownParameters(request);
  if (!user.ok || unknown.length > 0) {
    return issuesResponse([...issuesOf(user), ...unknown], invocation.correlationId);
  }
  const served = await readForCaller(deps, invocation, user.value);
  if (served.kind !== 'read') return endResponse(served);
  return jsonResponse(200, { user: user.value, ...served.state }, invocation.correlationId);
}

async function set(call: Call<instance.App>): Promise<HttpResponseInit> {
  const { app, request, caller } = call;
  const { deps } = app;
  const invocation = actingFor(call);
  const { correlationId } = invocation;
  const body = await readJsonBody(request, bodyLimitBytes, bodyAdvice);
  if (!body.ok) {
    return body.error === 'too-large'
      ? problem('too-large', {
          detail: 'The body is over 16 KiB. It sets the ring of one user: send many to POST /api/bulk.',
          correlationId,
        })
      : issuesResponse(body.error, correlationId);
  }
  const user = parseUser(request.params['user'] ?? '', deps.rules.users);
  const known = user.ok ? user.value : undefined;
  const requestedAtMs = deps.clock.nowMs();
  const change = parsePutBody(body.value, known, deps.rules.targets, requestedAtMs);
  const unknown = [
    ...unknownParameters(request, 'Put options such as dryRun in the body.'),
    ...(change.ok ? scheduleIssues(caller, change.value.schedule) : []),
  ];
  const source = parseSource(request.headers);
  if (!user.ok || !change.ok || !source.ok || unknown.length > 0) {
    return issuesResponse([...issuesOf(user, change, source), ...unknown], correlationId, known);
  }
  const neverDeferred = actsForSelf(caller);
  const asked = { user: user.value, ...change.value, requestedAtMs, source: source.value, neverDeferred };
  return changeResponse(await changeForCaller(deps, invocation, asked));
}

const bodyAdvice = 'Send an object such as {"target": "+1 (425) 555-0123"}.';

async function turnOff(call: Call<instance.App>): Promise<HttpResponseInit> {
  const { app, request, caller } = call;
  const { deps } = app;
  const invocation = actingFor(call);
  const user = parseUser(request.params['user'] ?? '', deps.rules.users);
  const source = parseSource(request.headers);
  const unknown = [...unknownParameters(request, noDryRun), ...(await unexpectedBody(request, noBody))];
  if (!user.ok || !source.ok || unknown.length > 0) {
    return issuesResponse([...issuesOf(user, source), ...unknown], invocation.correlationId);
  }
  const change = {
    user: user.value,
    desired: { ring: 'off' },
    dryRun: false,
    source: source.value,
    neverDeferred: actsForSelf(caller),
  } as const;
  return changeResponse(await changeForCaller(deps, invocation, change));
}

/** People who act for themselves sign in to the pool with their own token, where the pool takes it. */
function actingFor({ app, invocation, caller }: Call<instance.App>): Call<instance.App>['invocation'] {
  const { self } = caller ?? {};
  return self === undefined ? invocation : { ...invocation, onBehalfOf: app.onBehalfOf?.(self.assertion) };
}

/** With a dry run that were ignored, the ring would be turned off. */
const noDryRun =
  'DELETE has no dry run, so nothing was changed. To see what turning off would do, send an entry with "ring": "off" to POST /api/bulk?dryRun=true.';
const noBody = `DELETE takes no body. ${noDryRun}`;

function changeResponse(served: ChangeServed): HttpResponseInit {
  if (served.kind !== 'queued') return endResponse(served);
  const { outcome, batch } = served;
  const status = batchUrl(batch);
  return jsonResponse(202, { ...outcome, status }, outcome.correlationId, { location: status });
}

function endResponse(served: Served): HttpResponseInit {
  return outcomeResponse(
    served.outcome,
    served.kind === 'unavailable' ? served.retryAfterSeconds : undefined,
  );
}
