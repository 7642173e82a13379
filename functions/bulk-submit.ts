import { app, type HttpResponseInit } from '@azure/functions';
import * as instance from '../shared/azure/instance.ts';
import { batchUrl } from '../shared/http/batch-url.ts';
import { queryOf } from '../shared/http/parameters.ts';
import { problem } from '../shared/http/problem.ts';
import { issuesResponse, jsonResponse } from '../shared/http/response.ts';
import { type Call, serve } from '../shared/http/serve.ts';
import {
  disagreements,
  parseUploadBody,
  parseUploadQuery,
  readBytes,
} from '../shared/http/upload-request.ts';
import { uploadRefused } from '../shared/http/upload-response.ts';
import {
  acceptUpload,
  judgeUpload,
  maxUploadEntries,
  type Upload,
} from '../shared/ring/batch/upload/upload.ts';
import { issuesOf } from '../shared/ring/model/validation.ts';

app.http('bulk-submit', {
  methods: ['POST'],
  authLevel: 'function',
  route: 'bulk',
  handler: serve(instance, submit),
});

async function submit({
  app: { deps },
  request,
  invocation,
  correlationId,
}: Call<instance.App>): Promise<HttpResponseInit> {
  const bytes = await readBytes(request);
  if (bytes === undefined) return tooLarge('The body has more than 32 MiB', correlationId);
  const query = parseUploadQuery(queryOf(request));
  const content = parseUploadBody(request.headers.get('content-type'), bytes);
  if (!query.ok || !content.ok) return issuesResponse(issuesOf(query, content), correlationId);
  const disagreeing = disagreements(content.value, query.value);
  if (disagreeing.length > 0) return issuesResponse(disagreeing, correlationId);
  const { rows, ignoredColumns, ...said } = content.value;
  if (rows.length > maxUploadEntries)
    return tooLarge('The upload has more than 100,000 entries', correlationId);
  const { batch = said.batch, dryRun = said.dryRun ?? false, strict = false, validate } = query.value;
  const upload: Upload = { ...said, batch, dryRun, strict, rows };
  const shown = { entries: rows.length, ...(ignoredColumns === undefined ? {} : { ignoredColumns }) };
  if (validate === true) {
    return jsonResponse(200, { ...shown, rejected: judgeUpload(deps, upload) }, correlationId);
  }
  const accepted = await acceptUpload(deps, invocation, upload);
  if (!accepted.ok) return uploadRefused(accepted.error, correlationId);
  const status = batchUrl(accepted.value.batch);
  return jsonResponse(202, { ...accepted.value, ...shown, status }, correlationId, { location: status });
}

function tooLarge(what: string, correlationId: string): HttpResponseInit {
  const detail = `${what}: send it in several uploads, each under a name of its own. The limits are 32 MiB and 100,000 entries.`;
  return problem('too-large', { detail, correlationId });
}
