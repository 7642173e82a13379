import { app } from '@azure/functions';
import { lookAtQueues } from '../shared/azure/instance.ts';
import { logTo } from '../shared/http/serve.ts';

/** Every five minutes. Alerts read the event, and one of them fires where it stays away. */
const schedule = '0 */5 * * * *';

app.timer('queue-watch', {
  schedule,
  handler: async (_timer, context) => {
    const look = await lookAtQueues();
    logTo(context)({ event: 'queue-watch', level: look.poisoned > 0 ? 'warn' : 'info', ...look });
  },
});
