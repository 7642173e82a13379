import { app, type InvocationContext } from '@azure/functions';
import * as z from 'zod';
import { requireApp, settingProblems, stopping, stopWork, track } from '../shared/azure/instance.ts';
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

/**
 * A message's top-level properties override trigger metadata of the same name, in any case. No valid message has such
 * properties; one that does is refused.
 */
const metadataSchema = z
  .record(z.string(), z.unknown())
  .transform((metadata) =>
    Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name.toLowerCase(), value])),
  )
  .pipe(
    z.object({
      insertiontime: z.coerce.date().catch(() => new Date()),
      dequeuecount: z.coerce.number().catch(1),
      id: z.string().optional().catch(undefined),
    }),
  );

async function processDelivery(content: unknown, context: InvocationContext): Promise<void> {
  const { deps } = await requireApp();
  const metadata = metadataSchema.parse(context.triggerMetadata);
  const invocation = {
    log: logTo(context),
    correlationId: context.invocationId,
    signal: stopping,
    priority: 'batch',
  } as const;
  await processMessage(deps, invocation, {
    content,
    messageId: metadata.id,
    enqueuedAtMs: metadata.insertiontime.getTime(),
    dequeueCount: metadata.dequeuecount,
  });
}
