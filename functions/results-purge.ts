import { app } from '@azure/functions';
import { getApp, settingProblems } from '../shared/azure/wiring.ts';
import { logTo } from '../shared/http/serve.ts';

/** Every night, half past three (UTC): what is older than RESULT_RETENTION_DAYS goes. */
const schedule = '0 30 3 * * *';

if (settingProblems.length === 0) {
  app.timer('results-purge', {
    schedule,
    handler: async (_timer, context) => {
      const wired = await getApp();
      if ('problems' in wired) throw new Error('The settings are not right.');
      logTo(context)({ event: 'results-purged', level: 'info', ...(await wired.app.purge()) });
    },
  });
}
