import { app, type HttpResponseInit } from '@azure/functions';
import * as instance from '../shared/azure/instance.ts';
import { parseBatchName, parseBatchQuery, parseListQuery } from '../shared/http/batch-query.ts';
import { batchesUrl, batchUrl } from '../shared/http/batch-url.ts';
import { queryOf, unknownParameters } from '../shared/http/parameters.ts';
import { problem } from '../shared/http/problem.ts';
import { issuesResponse, jsonResponse } from '../shared/http/response.ts';
import { type Call, serve } from '../shared/http/serve.ts';
import { cancelBatch, listBatches, readBatch } from '../shared/ring/batch/status.ts';
import { issuesOf } from '../shared/ring/model/validation.ts';

app.http('bulk-status', {
  methods: ['GET'],
  authLevel: 'function',
  route: 'bulk/{batch}',
  handler: serve(instance, status),
});

app.http('bulk-list', {
  methods: ['GET'],
  authLevel: 'function',
  route: 'bulk',
  handler: serve(instance, list),
});

app.http('bulk-cancel', {
  methods: ['DELETE'],
  authLevel: 'function',
  route: 'bulk/{batch}',
  handler: serve(instance, cancel),
});

async function status({
  app: { deps },
  request,
  correlationId,
}: Call<instance.App>): Promise<HttpResponseInit> {
  const name = parseBatchName(request.params['batch']);
  const query = parseBatchQuery(queryOf(request));
  if (!name.ok || !query.ok) return issuesResponse(issuesOf(name, query), correlationId);
  const { batch } = name.value;
  const page = query.value;
  const found = await readBatch(deps.ledger, batch, page);
  if (found === undefined) return notFound(batch, correlationId);
  const { continuation, ...shown } = found;
  const { outcome, limit } = page;
  const filter = outcome === undefined ? {} : { outcome };
  return jsonResponse(
    200,
    { ...shown, ...nextPage(batchUrl(batch), { ...filter, limit: String(limit) }, continuation) },
    correlationId,
  );
}

async function list({
  app: { deps },
  request,
  correlationId,
}: Call<instance.App>): Promise<HttpResponseInit> {
  const query = parseListQuery(queryOf(request));
  if (!query.ok) return issuesResponse(query.error, correlationId);
  const { batches, continuation } = await listBatches(deps.ledger, query.value);
  const next = nextPage(batchesUrl, { limit: String(query.value.limit) }, continuation);
  return jsonResponse(200, { batches, ...next }, correlationId);
}

function nextPage(
  path: string,
  parameters: Readonly<Record<string, string>>,
  continuation: string | undefined,
): { next?: string } {
  if (continuation === undefined) return {};
  return { next: `${path}?${new URLSearchParams({ ...parameters, continuation })}` };
}

/**
 * Entries for which nothing was written end as cancelled; the others end with their own outcome. A query parameter is
 * refused: one that is ignored, such as `outcome`, would look like a choice of entries.
 */
async function cancel({
  app: { deps },
  request,
  correlationId,
}: Call<instance.App>): Promise<HttpResponseInit> {
  const name = parseBatchName(request.params['batch']);
  const unknown = unknownParameters(request);
  if (!name.ok || unknown.length > 0) {
    return issuesResponse([...issuesOf(name), ...unknown], correlationId);
  }
  const { batch } = name.value;
  const cancelled = await cancelBatch(deps.ledger, batch);
  if (cancelled === 'not-found') return notFound(batch, correlationId);
  if (cancelled === 'finished') {
    const detail = `Every entry of the batch ${batch} has ended, so nothing is left to cancel. Cancelling undoes nothing.`;
    return problem('batch-finished', { detail, correlationId });
  }
  const location = batchUrl(batch);
  return jsonResponse(202, { batch, status: location }, correlationId, { location });
}

function notFound(batch: string, correlationId: string): HttpResponseInit {
  const detail = `There is no batch ${batch}. Check the name first. If it is right, its message has not been taken from the queue yet or was moved to simring-bulk-poison, or its results are older than RESULT_RETENTION_DAYS.`;
  return problem('batch-not-found', { detail, correlationId });
}
