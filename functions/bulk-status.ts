import { app, type HttpResponseInit } from '@azure/functions';
import * as wiring from '../shared/azure/instance.ts';
import { parseBatchQuery, parseListQuery } from '../shared/http/batch-query.ts';
import { batchesUrl, batchUrl } from '../shared/http/batch-url.ts';
import { problem } from '../shared/http/problem.ts';
import { json, mistakesAnswer } from '../shared/http/response.ts';
import { type Call, serve } from '../shared/http/serve.ts';
import { listBatches } from '../shared/ring/batch/list.ts';
import { readBatch } from '../shared/ring/batch/status.ts';

app.http('bulk-status', {
  methods: ['GET'],
  authLevel: 'function',
  route: 'bulk/{batch}',
  handler: serve(wiring, status),
});

app.http('bulk-list', {
  methods: ['GET'],
  authLevel: 'function',
  route: 'bulk',
  handler: serve(wiring, list),
});

app.http('bulk-cancel', {
  methods: ['DELETE'],
  authLevel: 'function',
  route: 'bulk/{batch}',
  handler: serve(wiring, cancel),
});

async function status({
  app: wired,
  request,
  log,
  correlationId,
}: Call<wiring.App>): Promise<HttpResponseInit> {
  const query = parseBatchQuery(request.params['batch'] ?? '', Object.fromEntries(request.query));
  if ('mistakes' in query) return mistakesAnswer(query.mistakes, correlationId);
  const { batch, ...page } = query.value;
  const found = await readBatch(wired.now(log).ledger, batch, page);
  if (found === undefined) return notFound(batch, correlationId);
  const { continuation, ...told } = found;
  const next = continuation === undefined ? {} : { next: nextUrl(batch, page, continuation) };
  return json(200, { ...told, ...next }, correlationId);
}

function nextUrl(
  batch: string,
  { outcome, limit }: { outcome?: string; limit: number },
  continuation: string,
): string {
  const query = new URLSearchParams({
    ...(outcome === undefined ? {} : { outcome }),
    limit: String(limit),
    continuation,
  });
  return `${batchUrl(batch)}?${query}`;
}

async function list({
  app: wired,
  request,
  log,
  correlationId,
}: Call<wiring.App>): Promise<HttpResponseInit> {
  const query = parseListQuery(Object.fromEntries(request.query));
  if ('mistakes' in query) return mistakesAnswer(query.mistakes, correlationId);
  const { batches, continuation } = await listBatches(wired.now(log).ledger, query.value);
  const next =
    continuation === undefined
      ? {}
      : { next: `${batchesUrl}?${new URLSearchParams({ limit: String(query.value.limit), continuation })}` };
  return json(200, { batches, ...next }, correlationId);
}

/** What is not begun ends as cancelled; what is at work ends as it ends. */
async function cancel({
  app: wired,
  request,
  log,
  correlationId,
}: Call<wiring.App>): Promise<HttpResponseInit> {
  const query = parseBatchQuery(request.params['batch'] ?? '', Object.fromEntries(request.query));
  if ('mistakes' in query) return mistakesAnswer(query.mistakes, correlationId);
  const { batch } = query.value;
  if (!(await wired.now(log).ledger.cancelBatch(batch))) return notFound(batch, correlationId);
  const location = batchUrl(batch);
  return json(202, { batch, status: location }, correlationId, { location });
}

function notFound(batch: string, correlationId: string): HttpResponseInit {
  const detail = `There is no batch ${batch}: its message was not taken from the queue yet, was set aside (simring-bulk-poison), or its results are past retention.`;
  return problem('batch-not-found', { detail, correlationId });
}
