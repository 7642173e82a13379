import { app } from '@azure/functions';
import { lookAtQueues } from '../shared/azure/instance.ts';
import { logTo } from '../shared/http/serve.ts';

/** Every five minutes; alerts read what it logs, and that it logs. */
const schedule = '0 */5 * * * *';

app.timer('queue-watch', {
  schedule,
  handler: async (_timer, context) => {
    const look = await lookAtQueues();
    logTo(context)({ event: 'queue-watch', level: look.poisoned > 0 ? 'warn' : 'info', ...look });
  },
});
