import { app, type HttpResponseInit } from '@azure/functions';
import * as instance from '../shared/azure/instance.ts';
import { type Call, serve } from '../shared/http/serve.ts';
import { readUpload } from '../shared/http/upload-request.ts';
import { uploadAccepted, uploadJudged, uploadRefused } from '../shared/http/upload-response.ts';
import { acceptUpload, validateUpload } from '../shared/ring/batch/upload/upload.ts';

app.http('bulk-submit', {
  methods: ['POST'],
  route: 'bulk',
  ...serve(instance, { needs: 'bulk' }, submit),
});

async function submit({
  app: { deps },
  request,
  invocation,
  correlationId,
}: Call<instance.App>): Promise<HttpResponseInit> {
  const read = await readUpload(request);
  if (!read.ok) return uploadRefused(read.error, correlationId);
  const { upload, validate } = read.value;
  if (validate) {
    const judged = await validateUpload(deps, upload);
    return judged.ok
      ? uploadJudged(judged.value, read.value, correlationId)
      : uploadRefused(judged.error, correlationId);
  }
  const accepted = await acceptUpload(deps, invocation, upload);
  return accepted.ok
    ? uploadAccepted(accepted.value, read.value, correlationId)
    : uploadRefused(accepted.error, correlationId);
}
