import { app, type InvocationContext } from '@azure/functions';
import { queueNames } from '../shared/azure/names.ts';
import { getApp, settingProblems } from '../shared/azure/wiring.ts';
import { logTo } from '../shared/http/serve.ts';
import { processBulk } from '../shared/ring/process-bulk.ts';

if (settingProblems.length === 0) {
  app.storageQueue('bulk-process', {
    queueName: queueNames.bulk,
    connection: 'BulkStorage',
    handler: process,
  });
} else {
  // Messages wait in the queue: a run that cannot succeed would only use up their deliveries.
  for (const { setting, detail } of settingProblems) console.error(`${setting} ${detail}`);
}

async function process(content: unknown, context: InvocationContext): Promise<void> {
  const wired = await getApp();
  if ('problems' in wired) throw new Error('The settings are not right.');
  const { insertionTime } = context.triggerMetadata ?? {};
  await processBulk(wired.app.bulk(logTo(context)), {
    content,
    enqueuedAtMs: insertionTime === undefined ? Date.now() : new Date(String(insertionTime)).getTime(),
    correlationId: context.invocationId,
    signal: new AbortController().signal,
  });
}
