import { app, type HttpResponseInit } from '@azure/functions';
import * as instance from '../shared/azure/instance.ts';
import { prefersCsv } from '../shared/http/accept.ts';
import { batchUrl } from '../shared/http/batch-url.ts';
import { unexpectedBody } from '../shared/http/body.ts';
import { nextPage, queryOf, unknownParameters } from '../shared/http/parameters.ts';
import { csvResponse, issuesResponse, jsonResponse } from '../shared/http/response.ts';
import { type Call, serve } from '../shared/http/serve.ts';
import { parseUsersFilter, parseUsersQuery } from '../shared/http/users-query.ts';
import { usersUrl } from '../shared/http/users-url.ts';
import { checkUsers } from '../shared/ring/batch/users/check.ts';
import { usersReport } from '../shared/ring/batch/users/report.ts';
import { listUsers } from '../shared/ring/user/list-users.ts';

app.http('users-list', {
  methods: ['GET'],
  route: 'users',
  ...serve(instance, { needs: 'read' }, list),
});
app.http('users-check', {
  methods: ['POST'],
  route: 'users/check',
  ...serve(instance, { needs: 'bulk' }, check),
});

async function list(call: Call<instance.App>): Promise<HttpResponseInit> {
  const {
    app: { deps },
    request,
    correlationId,
  } = call;
  if (prefersCsv(request.headers)) return await report(call);
  const query = parseUsersQuery(queryOf(request));
  if (!query.ok) return issuesResponse(query.error, correlationId);
  const { continuation: _from, ...wanted } = query.value;
  const { users, continuation } = await listUsers(deps.users, query.value);
  return jsonResponse(200, { users, ...nextPage(usersUrl, wanted, continuation) }, correlationId);
}

async function report({
  app: { deps },
  request,
  correlationId,
}: Call<instance.App>): Promise<HttpResponseInit> {
  const wanted = parseUsersFilter(queryOf(request));
  if (!wanted.ok) return issuesResponse(wanted.error, correlationId);
  return csvResponse(await usersReport(deps.users, wanted.value), 'users.csv', correlationId);
}

const noBody = 'A check takes no body: it checks every user whose ring is not off. Leave the body out.';

async function check({ app: { deps }, request, invocation }: Call<instance.App>): Promise<HttpResponseInit> {
  const { correlationId } = invocation;
  const issues = [...unknownParameters(request), ...(await unexpectedBody(request, noBody))];
  if (issues.length > 0) return issuesResponse(issues, correlationId);
  const checked = await checkUsers(deps, invocation);
  if (checked === undefined) return jsonResponse(200, { entries: 0, parts: 0 }, correlationId);
  const status = batchUrl(checked.batch);
  return jsonResponse(202, { ...checked, status }, correlationId, { location: status });
}
