import { app, type HttpResponseInit } from '@azure/functions';
import { type App, getApp } from '../shared/azure/wiring.ts';
import { json } from '../shared/http/answers.ts';
import { problem } from '../shared/http/problem.ts';
import { type Call, serve } from '../shared/http/serve.ts';
import { parseBatchQuery } from '../shared/ring/batch-query.ts';
import { readBatch } from '../shared/ring/batch-status.ts';

app.http('bulk-status', {
  methods: ['GET'],
  authLevel: 'function',
  route: 'bulk/{batch}',
  handler: serve(getApp, status),
});

async function status({ app: wired, request, log, correlationId }: Call<App>): Promise<HttpResponseInit> {
  const query = parseBatchQuery(request.params['batch'] ?? '', Object.fromEntries(request.query));
  if ('mistakes' in query) {
    const detail = query.mistakes.map((mistake) => mistake.detail).join(' ');
    const errors = query.mistakes.map(({ pointer, detail: what }) => ({ pointer, detail: what }));
    return problem('invalid-request', { detail, correlationId, errors });
  }
  const { batch, ...page } = query.value;
  const found = await readBatch(wired.now(log).ledger, batch, page);
  if (found === undefined) {
    return problem('batch-not-found', {
      detail: `There is no batch ${batch}, or its results are past retention.`,
      correlationId,
    });
  }
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
  return `/api/bulk/${batch}?${query}`;
}
