import { app, type HttpResponseInit } from '@azure/functions';
import * as instance from '../shared/azure/instance.ts';
import { unknownParameters } from '../shared/http/parameters.ts';
import { issuesResponse, jsonResponse } from '../shared/http/response.ts';
import { type BareCall, serveBare } from '../shared/http/serve.ts';
import { once } from '../shared/runtime/once.ts';

app.http('openapi', {
  methods: ['GET'],
  route: 'openapi.json',
  ...serveBare(instance, 'anonymous', describe),
});

/** Built when it is first asked for, so that a cold start does not wait for it. */
const getDescription = once(async () => {
  const { describeApi } = await import('../shared/http/api/describe-api.ts');
  return describeApi();
});

async function describe({ request, correlationId }: BareCall): Promise<HttpResponseInit> {
  const unknown = unknownParameters(request);
  if (unknown.length > 0) return issuesResponse(unknown, correlationId);
  return jsonResponse(200, await getDescription(), correlationId);
}
