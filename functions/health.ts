import { app, type HttpResponseInit } from '@azure/functions';
import * as instance from '../shared/azure/instance.ts';
import { parseHealthQuery } from '../shared/http/health-query.ts';
import { queryOf } from '../shared/http/parameters.ts';
import { issuesResponse, jsonResponse } from '../shared/http/response.ts';
import { type BareCall, serveBare } from '../shared/http/serve.ts';

app.http('health', {
  methods: ['GET'],
  route: 'health',
  ...serveBare(instance, { needs: 'read', needsWithUser: 'write' }, (call) =>
    instance.track(checkHealth(call)),
  ),
});

async function checkHealth({ request, log, correlationId }: BareCall): Promise<HttpResponseInit> {
  const built = await instance.getApp();
  const query = parseHealthQuery(queryOf(request), built.ok ? built.value.deps.rules.users : undefined);
  if (!query.ok) return issuesResponse(query.error, correlationId);
  const { settingProblems, stopping } = instance;
  const settings =
    settingProblems.length === 0
      ? [{ name: 'settings', ok: true, detail: 'are valid' }]
      : settingProblems.map(({ setting, detail }) => ({
          name: 'settings',
          ok: false,
          detail: `${setting} ${detail}`,
        }));
  const call = { log, correlationId, signal: stopping, priority: 'caller' } as const;
  const others = built.ok ? await built.value.checkHealth(call, query.value.user) : [];
  const checks = [...settings, ...others];
  const healthy = checks.every(({ ok }) => ok);
  return jsonResponse(healthy ? 200 : 503, { healthy, checks }, correlationId);
}
