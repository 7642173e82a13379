import { app, type InvocationContext } from '@azure/functions';
import * as z from 'zod';
import { requireApp, settingProblems, stopWork, track } from '../shared/azure/instance.ts';
import { queueNames } from '../shared/azure/storage/names.ts';
import { logTo } from '../shared/http/serve.ts';
import { processMessage } from '../shared/ring/batch/process-message.ts';

if (settingProblems.length === 0) {
  app.storageQueue('bulk-process', {
    queueName: queueNames.bulk,
    connection: 'BulkStorage',
    handler: (content, context) => track(processDelivery(content, context)),
  });
} else {
  // Messages wait in the queue: a run that cannot succeed would only use up their deliveries.
  for (const { setting, detail } of settingProblems) console.error(`${setting} ${detail}`);
}

app.hook.appTerminate(stopWork);

/** The host lets properties of a message hide its own: what hides these is in no bulk message, and is set aside as none. */
const metadataForm = z.object({
  insertionTime: z.coerce.date().catch(() => new Date()),
  dequeueCount: z.coerce.number().catch(1),
});

async function processDelivery(content: unknown, context: InvocationContext): Promise<void> {
  const { bulk, stopping } = await requireApp();
  const { insertionTime, dequeueCount } = metadataForm.parse(context.triggerMetadata);
  await processMessage(bulk(logTo(context)), {
    content,
    enqueuedAtMs: insertionTime.getTime(),
    dequeueCount,
    correlationId: context.invocationId,
    signal: stopping,
  });
}
