import { app, type HttpResponseInit } from '@azure/functions';
import * as instance from '../shared/azure/instance.ts';
import { parseBatchName, parseUndoQuery } from '../shared/http/batch-query.ts';
import { batchUrl } from '../shared/http/batch-url.ts';
import { unexpectedBody } from '../shared/http/body.ts';
import { queryOf } from '../shared/http/parameters.ts';
import { issuesResponse, jsonResponse } from '../shared/http/response.ts';
import { type Call, serve } from '../shared/http/serve.ts';
import { parseSource } from '../shared/http/source.ts';
import { undoRefused } from '../shared/http/undo-response.ts';
import { undoBatch } from '../shared/ring/batch/undo/undo-batch.ts';
import { issuesOf } from '../shared/ring/model/validation.ts';

app.http('bulk-undo', {
  methods: ['POST'],
  route: 'bulk/{batch}/undo',
  ...serve(instance, { needs: 'bulk' }, undo),
});

const noBody =
  'An undo takes no body: it concerns every entry that the batch applied. Leave the body out; a dry run is `?dryRun=true`.';

async function undo({ app: { deps }, request, invocation }: Call<instance.App>): Promise<HttpResponseInit> {
  const { correlationId } = invocation;
  const name = parseBatchName(request.params['batch']);
  const query = parseUndoQuery(queryOf(request));
  const source = parseSource(request.headers);
  const body = await unexpectedBody(request, noBody);
  if (!name.ok || !query.ok || !source.ok || body.length > 0) {
    return issuesResponse([...issuesOf(name, query, source), ...body], correlationId);
  }
  const { batch } = name.value;
  const undone = await undoBatch(deps, invocation, batch, {
    dryRun: query.value.dryRun ?? false,
    source: source.value,
  });
  if (!undone.ok) return undoRefused(undone.error, batch, correlationId);
  const status = batchUrl(undone.value.batch);
  return jsonResponse(202, { ...undone.value, status }, correlationId, { location: status });
}
