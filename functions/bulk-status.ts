import { app, type HttpResponseInit } from '@azure/functions';
import * as instance from '../shared/azure/instance.ts';
import { prefersCsv } from '../shared/http/accept.ts';
import { batchNotFound } from '../shared/http/batch-not-found.ts';
import {
  parseBatchName,
  parseBatchQuery,
  parseListQuery,
  parseReportQuery,
} from '../shared/http/batch-query.ts';
import { batchesUrl, batchUrl } from '../shared/http/batch-url.ts';
import { nextPage, queryOf, unknownParameters } from '../shared/http/parameters.ts';
import { problem } from '../shared/http/problem.ts';
import { csvResponse, issuesResponse, jsonResponse } from '../shared/http/response.ts';
import { type Call, serve } from '../shared/http/serve.ts';
import { batchReport } from '../shared/ring/batch/report.ts';
import { cancelBatch, listBatches, readBatch } from '../shared/ring/batch/status.ts';
import { issuesOf } from '../shared/ring/model/validation.ts';

app.http('bulk-status', {
  methods: ['GET'],
  route: 'bulk/{batch}',
  ...serve(instance, { needs: 'read' }, status),
});

app.http('bulk-list', {
  methods: ['GET'],
  route: 'bulk',
  ...serve(instance, { needs: 'read' }, list),
});

app.http('bulk-cancel', {
  methods: ['DELETE'],
  route: 'bulk/{batch}',
  ...serve(instance, { needs: 'bulk' }, cancel),
});

async function status(call: Call<instance.App>): Promise<HttpResponseInit> {
  const { app: served, request, correlationId } = call;
  if (prefersCsv(request.headers)) return await report(call);
  const name = parseBatchName(request.params['batch']);
  const query = parseBatchQuery(queryOf(request));
  if (!name.ok || !query.ok) return issuesResponse(issuesOf(name, query), correlationId);
  const { batch } = name.value;
  const page = query.value;
  const found = await readBatch(served.deps.ledger, batch, page);
  if (found === undefined) return batchNotFound(batch, correlationId);
  const { continuation, ...shown } = found;
  const { continuation: _from, ...wanted } = page;
  const next = nextPage(batchUrl(batch), wanted, continuation);
  return jsonResponse(200, { ...shown, ...next }, correlationId);
}

async function report({
  app: { deps },
  request,
  correlationId,
}: Call<instance.App>): Promise<HttpResponseInit> {
  const name = parseBatchName(request.params['batch']);
  const wanted = parseReportQuery(queryOf(request));
  if (!name.ok || !wanted.ok) return issuesResponse(issuesOf(name, wanted), correlationId);
  const { batch } = name.value;
  const csv = await batchReport(deps.ledger, batch, wanted.value);
  if (csv === undefined) return batchNotFound(batch, correlationId);
  return csvResponse(csv, `${batch}.csv`, correlationId);
}

async function list({
  app: { deps },
  request,
  correlationId,
}: Call<instance.App>): Promise<HttpResponseInit> {
  const query = parseListQuery(queryOf(request));
  if (!query.ok) return issuesResponse(query.error, correlationId);
  const { continuation: _from, ...wanted } = query.value;
  const { batches, continuation } = await listBatches(deps.ledger, query.value);
  const next = nextPage(batchesUrl, wanted, continuation);
  return jsonResponse(200, { batches, ...next }, correlationId);
}

const wholeOnly = 'A batch is only cancelled as a whole, so nothing was cancelled.';

/**
 * Entries for which nothing was written end as cancelled; the others end with their own outcome. A query parameter is
 * refused: one that is ignored, such as `outcome`, would look like a choice of entries.
 */
async function cancel({ app: { deps }, request, invocation }: Call<instance.App>): Promise<HttpResponseInit> {
  const { correlationId } = invocation;
  const name = parseBatchName(request.params['batch']);
  const unknown = unknownParameters(request, wholeOnly);
  if (!name.ok || unknown.length > 0) {
    return issuesResponse([...issuesOf(name), ...unknown], correlationId);
  }
  const { batch } = name.value;
  const cancelled = await cancelBatch(deps.ledger, invocation, batch);
  if (cancelled === 'not-found') return batchNotFound(batch, correlationId);
  if (cancelled === 'finished') {
    const detail = `Every entry of the batch "${batch}" has ended, so nothing is left to cancel. To put back what was set before it, send POST ${batchUrl(batch)}/undo.`;
    return problem('batch-finished', { detail, correlationId });
  }
  const location = batchUrl(batch);
  return jsonResponse(202, { batch, status: location }, correlationId, { location });
}
