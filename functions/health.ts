import { app } from '@azure/functions';
import { getApp, settingProblems } from '../shared/azure/instance.ts';
import { unknownParameters } from '../shared/http/parameters.ts';
import { issuesResponse, jsonResponse } from '../shared/http/response.ts';
import { serveBare } from '../shared/http/serve.ts';

app.http('health', {
  methods: ['GET'],
  authLevel: 'function',
  route: 'health',
  handler: serveBare(async ({ request, correlationId }) => {
    const unknown = unknownParameters(request);
    if (unknown.length > 0) return issuesResponse(unknown, correlationId);
    const built = await getApp();
    const settings =
      settingProblems.length === 0
        ? [{ name: 'settings', ok: true, detail: 'are valid' }]
        : settingProblems.map(({ setting, detail }) => ({
            name: 'settings',
            ok: false,
            detail: `${setting} ${detail}`,
          }));
    const checks = [...settings, ...(built.ok ? await built.value.checkHealth() : [])];
    const healthy = checks.every(({ ok }) => ok);
    return jsonResponse(healthy ? 200 : 503, { healthy, checks }, correlationId);
  }),
});
