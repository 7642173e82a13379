import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { QueueClient } from '@azure/storage-queue';
import { buildApp } from '../build.ts';
import { Agreement } from './demo/agreement.ts';
import { type BatchOutcome, outcomeSchema, readBatch, readOutcomes } from './demo/batch.ts';
import { addFailures, type DemoFailure } from './demo/failures.ts';
import { Progress } from './demo/progress.ts';
import { formatFailures, formatRecovered, formatRemaining, formatSummary } from './demo/report.ts';
import { adoptEnvironment, startFunctions } from './functions-process.ts';
import { readLocalUsers } from './local-users.ts';
import { freePorts, readPorts } from './ports.ts';
import { runCommand } from './run-command.ts';
import { corrections, invalidLines } from './sample/special-cases.ts';
import { sampleEntries, sampleUsers } from './sample/users.ts';
import { LocalServices } from './services.ts';

const batch = 'hr-move';
const batchLimitMs = 100_000;

/** Does the main job once: sets one user over HTTP, then the users of the sample HR file through the queue while UCWA fails. */
await runCommand(async () => {
  const ports = readPorts(process.env, freePorts);
  const services = new LocalServices({ ports, users: readLocalUsers(undefined), environment: {} });
  console.log('Starting storage, UCWA, Key Vault and the functions on this machine …');
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
  const agreement = new Agreement(services.ucwa.states());
  const one = await setOne(url);
  const failures = addFailures(services.ucwa, usersWithoutOtherProblem());
  await sendFile(services.environment['BulkStorage'] ?? '', failures);
  const startedAt = performance.now();
  await waitForBatch(url);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  const outcomes = await readOutcomes(url, `/api/bulk/${batch}`);
  console.log(`\nAll ${outcomes.length} entries ended after ${seconds} seconds:\n`);
  console.log(formatSummary(outcomes));
  console.log(`\nFailures and recovery:\n\n${formatRecovered(outcomes, failures)}`);
  console.log(`\nEntries that need your attention:\n\n${formatRemaining(outcomes)}`);
  for (const outcome of [one, ...outcomes]) agreement.tell(outcome);
  return compareWithServer(agreement, services);
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
  if (response.status !== 200) throw new Error(`PUT ${path} returned ${response.status}.`);
  return outcomeSchema.parse(JSON.parse(text));
}

/** Returns users for whom nothing but an added failure can go wrong. */
function usersWithoutOtherProblem(): readonly string[] {
  const entriesByUser = new Map<string, number>();
  for (const { user } of sampleEntries) entriesByUser.set(user, (entriesByUser.get(user) ?? 0) + 1);
  const known = readLocalUsers(undefined).filter(
    ({ secret, enterpriseVoice }) => secret && enterpriseVoice !== false,
  );
  const withNumber = sampleEntries.filter(
    ({ user, target }) => entriesByUser.get(user) === 1 && target?.startsWith('+') === true,
  );
  const addresses = new Set(withNumber.map(({ user }) => `sip:${user.toLowerCase().replace(/^sip:/, '')}`));
  return known
    .map(({ sip }) => sip)
    .filter((sip) => addresses.has(sip))
    .slice(40, 80);
}

async function sendFile(connectionString: string, failures: readonly DemoFailure[]): Promise<void> {
  console.log(`\nSending the sample HR file through the queue, while UCWA fails:\n`);
  console.log(
    `  ${sampleEntries.length} entries: one for each of ${sampleUsers.length} users, ${corrections.length} that correct an earlier one, ${invalidLines.length} for users that the server does not know\n`,
  );
  console.log(`${formatFailures(failures)}\n`);
  const message = { schema: 'simring/bulk/1', batch, parts: 1, source: 'demo', entries: sampleEntries };
  const queue = new QueueClient(connectionString, 'simring-bulk');
  await queue.sendMessage(Buffer.from(JSON.stringify(message)).toString('base64'));
}

async function waitForBatch(url: string): Promise<void> {
  const progress = new Progress(process.stdout);
  const until = performance.now() + batchLimitMs;
  for (;;) {
    const status = await readBatch(url, `/api/bulk/${batch}?limit=1`);
    if (status !== undefined) {
      const open = (status.counts['pending'] ?? 0) + (status.counts['deferred'] ?? 0);
      progress.show(status.entries - open, status.entries);
      if (status.finished) break;
    }
    if (performance.now() > until) throw new Error(`The batch did not finish within ${batchLimitMs} ms.`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  progress.end();
}

/** Prints whether the server has the settings that were reported, and returns the exit code. */
function compareWithServer(agreement: Agreement, services: LocalServices): number {
  const differences = agreement.differences(services.ucwa.states());
  const users = [...services.ucwa.states()].length;
  if (differences.length === 0) {
    console.log(`\nThe server has the reported settings for all of its ${users} users.`);
    return 0;
  }
  console.log(`\nThe server differs from the report:\n${differences.map((line) => `  ${line}`).join('\n')}`);
  return 1;
}
