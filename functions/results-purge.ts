import { app } from '@azure/functions';
import { requireApp, settingProblems } from '../shared/azure/instance.ts';
import { logTo } from '../shared/http/serve.ts';

/** Every night at 03:30 UTC: deletes the results that are older than RESULT_RETENTION_DAYS. */
const schedule = '0 30 3 * * *';

if (settingProblems.length === 0) {
  app.timer('results-purge', {
    schedule,
    handler: async (_timer, context) => {
      const { purge } = await requireApp();
      logTo(context)({ event: 'results-purged', level: 'info', ...(await purge()) });
    },
  });
}
