import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { QueueClient } from '@azure/storage-queue';
import { buildApp } from '../build.ts';
import { findDisagreements } from './demo/agreement.ts';
import { type BatchOutcome, outcomeForm, readBatch, readOutcomes } from './demo/batch.ts';
import { type DemoFailure, switchOnFailures } from './demo/failures.ts';
import { Progress } from './demo/progress.ts';
import { formatTable } from './demo/table.ts';
import { adoptEnvironment, startFunctions } from './functions-process.ts';
import { readLocalUsers } from './local-users.ts';
import { freePorts, readPorts } from './ports.ts';
import { run } from './run.ts';
import { sampleEntries } from './sample/users.ts';
import { LocalServices } from './services.ts';

const batch = 'hr-move';
const giveUpMs = 100_000;

/** The main job, once: one person over HTTP, the sample HR file from the queue, with failures switched on. */
await run(async () => {
  const ports = readPorts(process.env, freePorts);
  const services = new LocalServices({ ports, users: readLocalUsers(undefined), environment: {} });
  console.log('Starting storage, UCWA, Key Vault and the functions, all on this machine …');
  const directory = await mkdtemp(join(tmpdir(), 'simultaneous-ring-demo-'));
  try {
    await services.start();
    await buildApp(directory);
    const settings = { UCWA_REQUEST_TIMEOUT_MS: '3000', LOCAL_APP_DIRECTORY: directory };
    adoptEnvironment({ ...settings, ...services.environment }, services.certificate);
    const host = await startFunctions({ ports, log: () => {} });
    try {
      return await demonstrate(host.url, services);
    } finally {
      await host.stop({ reason: 'interrupt' });
    }
  } finally {
    await services.stop();
    await rm(directory, { recursive: true, force: true });
  }
});

async function demonstrate(url: string, services: LocalServices): Promise<number> {
  const one = await setOne(url);
  const failures = switchOnFailures(services.ucwa, ordinaryUsers());
  await sendFile(services.environment['BulkStorage'] ?? '', failures);
  const started = performance.now();
  await watch(url);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const outcomes = await readOutcomes(url, `/api/bulk/${batch}`);
  console.log(`\nAll ${outcomes.length} entries ended, after ${seconds} seconds:\n`);
  console.log(summary(outcomes));
  console.log(`\nWhat was recovered from:\n\n${recovered(outcomes, failures)}`);
  console.log(`\nWhat needs a person:\n\n${needsPeople(outcomes)}`);
  return tellAgreement([one, ...outcomes], services);
}

async function setOne(url: string): Promise<BatchOutcome> {
  const user = 'alice.bauer@contoso.com';
  const path = `/api/users/${user}/simultaneous-ring`;
  console.log(`\nPUT ${path}  {"target": "+1 (425) 555-0123"}\n`);
  const response = await fetch(new URL(path, url), {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ target: '+1 (425) 555-0123' }),
  });
  const text = await response.text();
  console.log(`  ${response.status} ${text}`);
  if (response.status !== 200) throw new Error('The one user was not set.');
  return outcomeForm.parse(JSON.parse(text));
}

/** People of whom nothing but the switched-on failure is wrong. */
function ordinaryUsers(): readonly string[] {
  const seen = new Map<string, number>();
  for (const { user } of sampleEntries) seen.set(user, (seen.get(user) ?? 0) + 1);
  const known = readLocalUsers(undefined).filter(
    ({ secret, enterpriseVoice }) => secret && enterpriseVoice !== false,
  );
  const once = sampleEntries.filter(
    ({ user, target }) => seen.get(user) === 1 && target?.startsWith('+') === true,
  );
  const addresses = new Set(once.map(({ user }) => `sip:${user.toLowerCase().replace(/^sip:/, '')}`));
  return known
    .map(({ sip }) => sip)
    .filter((sip) => addresses.has(sip))
    .slice(40, 80);
}

async function sendFile(connectionString: string, failures: readonly DemoFailure[]): Promise<void> {
  console.log(
    `\nSending the sample HR file, ${sampleEntries.length} entries, through the queue, while UCWA fails:\n`,
  );
  console.log(
    formatTable(
      ['failure', 'for'],
      failures.map(({ what, users }) => [what, users.map(shortName).join(', ')]),
    ),
  );
  const message = { schema: 'simring/bulk/1', batch, parts: 1, source: 'demo', entries: sampleEntries };
  const queue = new QueueClient(connectionString, 'simring-bulk');
  await queue.sendMessage(Buffer.from(JSON.stringify(message)).toString('base64'));
  console.log('');
}

async function watch(url: string): Promise<void> {
  const progress = new Progress(process.stdout);
  const until = performance.now() + giveUpMs;
  for (;;) {
    const status = await readBatch(url, `/api/bulk/${batch}?limit=1`);
    if (status !== undefined) {
      const open = (status.counts['pending'] ?? 0) + (status.counts['deferred'] ?? 0);
      progress.show(status.entries - open, status.entries);
      if (status.finished) break;
    }
    if (performance.now() > until) throw new Error('The batch did not end in time.');
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  progress.end();
}

function summary(outcomes: readonly BatchOutcome[]): string {
  const counts = new Map<string, number>();
  for (const { outcome, code, verified } of outcomes) {
    const proof =
      outcome === 'applied' || outcome === 'unchanged' ? (verified === true ? 'proved' : 'not proved') : '';
    const key = [outcome ?? 'pending', code ?? proof].join('\t');
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const rows = [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([key, count]) => [...key.split('\t'), String(count)]);
  return formatTable(['outcome', 'why', 'entries'], rows);
}

function recovered(outcomes: readonly BatchOutcome[], failures: readonly DemoFailure[]): string {
  const byUser = new Map(outcomes.map((outcome) => [outcome.user, outcome]));
  const rows = failures.flatMap(({ what, users }) =>
    users.map((user) => {
      const { outcome = '', recovery = [] } = byUser.get(user) ?? {};
      return [what, shortName(user), recovery.join(' → ') || 'none needed', outcome];
    }),
  );
  return formatTable(['failure', 'user', 'recovery', 'outcome'], rows);
}

function needsPeople(outcomes: readonly BatchOutcome[]): string {
  const rows = outcomes
    .filter(({ outcome }) => outcome === 'failed' || outcome === 'rejected')
    .map(({ user, code = '', detail = '' }) => [shortName(user), code, detail]);
  return formatTable(['user', 'code', 'what to do'], rows);
}

function tellAgreement(outcomes: readonly BatchOutcome[], services: LocalServices): number {
  const differences = findDisagreements(outcomes, services.ucwa);
  const users = [...services.ucwa.states()].length;
  if (differences.length === 0) {
    console.log(`\nThe server holds what was reported, for each of its ${users} users.`);
    return 0;
  }
  console.log(
    `\nThe server does not hold what was reported:\n${differences.map((line) => `  ${line}`).join('\n')}`,
  );
  return 1;
}

function shortName(user: string): string {
  return user.replace(/^sip:/, '');
}
