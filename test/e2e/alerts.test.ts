import { TableClient } from '@azure/data-tables';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { undoWithoutBefore } from '../support/e2e/code-requests.ts';
import { FunctionsChild } from '../support/e2e/functions-child.ts';
import { eventually, localUser, System } from '../support/e2e/system.ts';
import { alertModels } from '../support/infra/alert-models.ts';
import { alertQueries, logQueries } from '../support/infra/alert-queries.ts';

/** The fields of one of our log lines. */
type Line = Readonly<Record<string, unknown>>;

const users = Array.from({ length: 16 }, (_, nth) => `user${nth}@alerts.example`);
const [first = '', ...others] = users;
const refused = 'refused@alerts.example';
/** With the user before they are as many as the alert wants: eight more are refused, and one gets no verdict. */
const alsoRefused = Array.from({ length: 8 }, (_, nth) => `refused${nth}@alerts.example`);
const unjudged = 'unjudged@alerts.example';
const withoutVault = 'without-vault@alerts.example';

let system: System;
/** Functions with invalid settings on the same storage: they leave messages in the queue. */
let misconfigured: FunctionsChild;
/** Functions that were started after the pool recovered: their circuit breaker never opened. */
let fresh: FunctionsChild;
let healthyLines: readonly Line[];
/** What was logged during each fault. */
const faultLines: Record<string, readonly Line[]> = {};

beforeAll(async () => {
  system = await System.start(
    [...users, refused, ...alsoRefused, unjudged, withoutVault].map((address) => localUser(address)),
  );
  await runWithoutFailure();
  healthyLines = linesOf(system.functions);
  await during('credentials-refused', async () => {
    for (const user of [refused, ...alsoRefused]) await refusePassword(user);
    await leaveSignInUnjudged();
  });
  await during('vault-refused', () =>
    failVault({ status: 403, innerCode: 'ForbiddenByRbac' }, 'misconfigured'),
  );
  await during('vault-unavailable', () => failVault({ status: 503 }, 'vault-unavailable'));
  await during('undo-failed', async () => {
    await undoWithoutBefore(system, others[0] ?? '');
  });
  await during('pool-down', breakPool);
  await repairPool();
  await during('message-poisoned', poisonMessage);
  await system.expectAgreement();
  await during('storage-unavailable', removeTable);
  await system.functions.stop();
  await leaveMessageWaiting();
});

/** Keeps what the functions log while `cause` runs. */
async function during(fault: string, cause: () => Promise<void>): Promise<void> {
  const before = linesOf(system.functions).length;
  await cause();
  faultLines[fault] = linesOf(system.functions).slice(before);
}

afterAll(async () => {
  await misconfigured?.stop();
  await fresh?.stop();
  await system?.stop();
});

/** Changes a user over HTTP and from the queue, and runs queue-watch. */
async function runWithoutFailure(): Promise<void> {
  const put = await system.ring('PUT', first, { target: '+1 425 555 0123' });
  expect(put.body).toMatchObject({ outcome: 'applied' });
  await sendBatch('healthy', [first], '+1 425 555 0124');
  await eventually(
    () => system.call('GET', '/api/bulk/healthy'),
    ({ body }) => JSON.stringify(body ?? '').includes('"finished":true'),
  );
  await runQueueWatch(system.functions);
}

async function refusePassword(user: string): Promise<void> {
  const [name = ''] = user.split('@');
  system.services.vault.setSecret(
    `ucwa-${name}-40alerts-2eexample`,
    JSON.stringify({ username: `CORP\\${name}`, password: 'Pw-other-7f3a9c' }),
  );
  const response = await system.ring('PUT', user, { target: '+1 425 555 0123' });
  expect(response.body).toMatchObject({ code: 'credential-rejected' });
}

/** The vault refuses or fails each read of one user's secret. */
async function failVault(fault: { readonly status: number; readonly innerCode?: string }, code: string) {
  const { vault } = system.services;
  vault.fail({ name: 'ucwa-without-2dvault-40alerts-2eexample', ...fault });
  const response = await system.ring('PUT', withoutVault, { target: '+1 425 555 0123', dryRun: true });
  expect(response.body).toMatchObject({ code });
  vault.clearFaults();
}

/** Without its table, nobody can be served. */
async function removeTable(): Promise<void> {
  const { connectionString } = system.services.storage;
  const options = { allowInsecureConnection: true };
  await TableClient.fromConnectionString(connectionString, 'simringusers', options).deleteTable();
  const response = await system.ring('GET', first);
  expect(response.body).toMatchObject({ code: 'storage-unavailable' });
}

/** The token service fails at each sign-in of one user. */
async function leaveSignInUnjudged(): Promise<void> {
  const { ucwa } = system.services;
  ucwa.fail({
    step: 'token',
    user: `sip:${unjudged}`,
    times: Number.POSITIVE_INFINITY,
    answer: { status: 503 },
  });
  const response = await system.ring('PUT', unjudged, { target: '+1 425 555 0123', dryRun: true });
  expect(response.body).toMatchObject({ code: 'ucwa-unavailable' });
  ucwa.clearFaults();
}

/** Takes the pool down until it is paused. */
async function breakPool(): Promise<void> {
  const { ucwa } = system.services;
  ucwa.fail({ pool: 'pool', times: Number.POSITIVE_INFINITY, answer: { status: 502, format: 'html' } });
  await sendBatch('down', others, '+1 425 555 0125');
  await waitForEvent(system.functions, 'pool-paused');
  await eventually(
    async () => hostsOf(linesOf(system.functions), { event: 'ring-failed', end: 'defer', status: 502 }),
    (hosts) => hosts.some((host) => host !== undefined),
  );
}

/** Once the pool is back, a fresh instance is the first to use it. */
async function repairPool(): Promise<void> {
  system.services.ucwa.clearFaults();
  fresh = await system.startInstance();
  const response = await fetch(new URL(`/api/users/${first}/simultaneous-ring`, fresh.url), {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ target: '+1 425 555 0128' }),
  });
  const changed: unknown = await response.json();
  expect(changed).toMatchObject({ outcome: 'applied' });
  system.tell(changed);
  await fresh.stop();
  await eventually(
    () => system.ring('PUT', first, { target: '+1 425 555 0126', dryRun: true }),
    ({ status }) => status === 200,
  );
  await waitForEvent(system.functions, 'pool-resumed');
}

async function poisonMessage(): Promise<void> {
  await system.queue('simring-bulk').sendMessage('this is not a bulk message');
  await eventually(
    async () => (await system.queue('simring-bulk-poison').getProperties()).approximateMessagesCount,
    (count) => count === 1,
  );
  await runQueueWatch(system.functions);
}

async function leaveMessageWaiting(): Promise<void> {
  await system.queue('simring-bulk-poison').clearMessages();
  misconfigured = await FunctionsChild.start({
    LOCAL_APP_DIRECTORY: inject('appDirectory'),
    BulkStorage: system.services.storage.connectionString,
  });
  await sendBatch('waiting', [first], '+1 425 555 0127');
  await runQueueWatch(misconfigured);
}

async function sendBatch(batch: string, addresses: readonly string[], target: string): Promise<void> {
  const entries = addresses.map((user) => ({ user, target }));
  const message = { schema: 'simring/bulk/1', batch, requestedAt: new Date().toISOString(), entries };
  await system.queue('simring-bulk').sendMessage(JSON.stringify(message));
}

/** Runs queue-watch, as its timer does every five minutes. */
async function runQueueWatch(functions: FunctionsChild): Promise<void> {
  const before = linesOf(functions).filter(({ event }) => event === 'queue-watch').length;
  const url = new URL('/admin/functions/queue-watch', functions.url);
  const { status } = await fetch(url, { method: 'POST', body: '{}' });
  expect(status).toBe(202);
  await eventually(
    async () => linesOf(functions).filter(({ event }) => event === 'queue-watch').length,
    (count) => count > before,
  );
}

async function waitForEvent(functions: FunctionsChild, event: string): Promise<void> {
  await eventually(
    async () => linesOf(functions).map((line) => line['event']),
    (events) => events.includes(event),
  );
}

function linesOf({ output }: FunctionsChild): readonly Line[] {
  return [...output.matchAll(/\{"event":.*\}$/gm)].map(([text]) => JSON.parse(text));
}

/** Returns the hosts in the lines that have the given values. */
function hostsOf(lines: readonly Line[], values: Line): readonly unknown[] {
  const matching = lines.filter((line) =>
    Object.entries(values).every(([field, value]) => line[field] === value),
  );
  return [...new Set(matching.map(({ host }) => host))];
}

describe('the log', () => {
  it.each(logQueries.map((query) => [query.name, query] as const))(
    'has every event and field that the alert or tile %s reads',
    (_name, { readings }) => {
      const lines = [system.functions, fresh, misconfigured].flatMap(linesOf);
      for (const { says, fields } of readings) {
        const present = Object.fromEntries(fields.map((field) => [field, expect.anything()]));
        expect(lines).toContainEqual(expect.objectContaining({ ...present, ...says }));
      }
    },
  );

  it('of a run without failures has only queue-watch, the hosts that served and the changes', () => {
    const watches = healthyLines.filter(({ event }) => event === 'queue-watch');
    const emptyQueue = {
      event: 'queue-watch',
      waiting: expect.any(Number),
      oldestId: '',
      oldestSeconds: 0,
      poisoned: 0,
    };
    expect(watches.at(-1)).toEqual(emptyQueue);
    expect(new Set(healthyLines.map(({ event }) => event))).toEqual(
      new Set(['queue-watch', 'pool-used', 'ring-changed']),
    );
  });

  it('names the batch of a failed attempt', () => {
    const failed = faultLines['pool-down']?.filter(({ event }) => event === 'ring-failed') ?? [];
    expect(failed).not.toEqual([]);
    expect(new Set(failed.map(({ batch }) => batch))).toEqual(new Set(['down']));
  });

  it('names a pool that is down in each failure, and names it again when it serves a new instance', () => {
    const [pool, ...more] = hostsOf(linesOf(system.functions), {
      event: 'ring-failed',
      code: 'ucwa-unavailable',
    }).filter((host) => host !== undefined);
    expect(pool).toEqual(expect.stringMatching(/^[\w.:-]+$/));
    expect(more).toEqual([]);
    expect(hostsOf(healthyLines, { event: 'pool-used' })).toContain(pool);
    expect(hostsOf(linesOf(fresh), { event: 'pool-used' })).toContain(pool);
    expect(linesOf(fresh).map(({ event }) => event)).not.toContain('pool-resumed');
  });

  it('counts a poisoned message, and names the user of a refused password but not the password', () => {
    const lines = linesOf(system.functions);
    expect(lines.filter(({ event }) => event === 'queue-watch').at(-1)).toMatchObject({ poisoned: 1 });
    expect(lines).toContainEqual(
      expect.objectContaining({ event: 'ring-failed', code: 'credential-rejected', user: `sip:${refused}` }),
    );
    expect(system.functions.output).not.toContain('7f3a9c');
  });

  it('of misconfigured functions reports the oldest waiting message', () => {
    const watch = linesOf(misconfigured)
      .filter(({ event }) => event === 'queue-watch')
      .at(-1);
    expect(watch).toMatchObject({
      oldestId: expect.stringMatching(/^[\w-]{36}$/),
      oldestSeconds: expect.any(Number),
    });
  });
});

const minuteMs = 60_000;

/** Returns the names of the alerts that fire. */
function firedBy(lines: readonly { readonly atMs: number; readonly line: Line }[], nowMs: number) {
  return Object.entries(alertModels)
    .filter(([, fires]) => fires(lines, nowMs))
    .map(([name]) => name);
}

function at(atMs: number, lines: readonly Line[]) {
  return lines.map((line) => ({ atMs, line }));
}

describe('the alerts, as modelled', () => {
  const nowMs = 24 * 60 * minuteMs;
  const watched = () =>
    at(
      nowMs - minuteMs,
      healthyLines.filter(({ event }) => event === 'queue-watch'),
    );

  it('have a model each, but for the one on the log of the vault', () => {
    const names = alertQueries.map(({ name }) => name).filter((name) => name !== 'vault-read');
    expect(Object.keys(alertModels).sort()).toEqual(names);
  });

  it('do not fire in a run without failures', () => {
    expect(firedBy([...at(nowMs - 30 * minuteMs, healthyLines), ...at(nowMs, healthyLines)], nowMs)).toEqual(
      [],
    );
  });

  it.each([
    ['credentials-refused', 'met once', 'credentials-refused'],
    ['vault-refused', 'met once', 'own-mistake'],
    ['vault-unavailable', 'met again after 25 minutes', 'own-mistake'],
    ['storage-unavailable', 'met again after 25 minutes', 'own-mistake'],
    ['undo-failed', 'met once', 'undo-failed'],
    ['pool-down', 'met again after 25 minutes', 'pool-down'],
    ['message-poisoned', 'met once', 'message-poisoned'],
  ])('of a run with the fault %s, %s, fire as %s and no other', (fault, times, alert) => {
    const lines = (faultLines[fault] ?? []).filter(({ event }) => event !== 'pool-used');
    const earlier = times === 'met once' ? [] : at(nowMs - 25 * minuteMs, lines);
    expect(firedBy([...watched(), ...earlier, ...at(nowMs, lines)], nowMs)).toEqual([alert]);
  });

  it.each(['vault-unavailable', 'storage-unavailable', 'pool-down'])(
    'do not fire for the fault %s if it passed before a user was served',
    (fault) => {
      const lines = faultLines[fault] ?? [];
      const served = healthyLines.filter(({ event }) => event === 'pool-used');
      const all = [...watched(), ...at(nowMs - 25 * minuteMs, lines), ...at(nowMs - minuteMs, served)];
      expect(firedBy(all, nowMs)).toEqual([]);
    },
  );

  it('fire for a message that stays at the head of the queue, and for a silent watch', () => {
    const watch = linesOf(misconfigured).filter(({ event }) => event === 'queue-watch');
    const looks = [0, 1, 2].flatMap((nth) =>
      at(
        nowMs - 5 * nth * minuteMs,
        watch.map((line) => ({ ...line, oldestSeconds: 1_500 - 300 * nth })),
      ),
    );
    expect(firedBy(looks, nowMs)).toEqual(['queue-old']);
    expect(firedBy(at(nowMs - 40 * minuteMs, healthyLines), nowMs)).toEqual(['watch-silent']);
  });
});
