import { TableClient, type TransactionAction } from '@azure/data-tables';
import { QueueClient } from '@azure/storage-queue';
import { batchEntity, entryEntity, partEntity } from '../../../shared/azure/storage/ledger-rows.ts';
import { queueNames, tableNames } from '../../../shared/azure/storage/names.ts';
import { partRecord } from '../../../shared/ring/batch/part/open.ts';
import type { LedgerEntry } from '../../../shared/ring/ports/ledger.ts';
import type { Measurement, Row } from '../measurement.ts';
import type { BenchSystem, Functions } from '../system/bench-system.ts';
import { type BenchUser, makeUsers } from '../system/users.ts';

const lines = 100_000;
const limitMs = 30_000;
const limitBytes = 400_000_000;

/** A CSV file of 100,000 lines taken by POST /api/bulk. */
export const upload: Row = {
  name: 'upload',
  userCount: 0,
  measure: (system) => system.withHttpFunctions((functions) => measureUpload(system, functions)),
};

/** The report of 100,000 rows as CSV. */
export const report: Row = {
  name: 'report',
  userCount: 0,
  measure: (system) => system.withHttpFunctions((functions) => measureReport(system, functions)),
};

async function measureUpload(
  { environment }: BenchSystem,
  functions: Functions,
): Promise<readonly Measurement[]> {
  const rows = makeUsers(lines).map(({ address, target }, nth) => `${address};${target};E${nth}`);
  const body = `\uFEFFE-Mail;Mobile;Employee ID\r\n${rows.join('\r\n')}\r\n`;
  const measured = await measureCall(functions, {
    method: 'POST',
    body,
    headers: { 'content-type': 'text/csv' },
  });
  await new QueueClient(environment['BulkStorage'] ?? '', queueNames.bulk).clearMessages();
  const { entries, parts, rejected } = JSON.parse(measured.text);
  if (entries !== lines || rejected.count !== 0)
    throw new Error(`It was not taken: ${measured.text.slice(0, 500)}`);
  return figures('An upload of 100,000 CSV lines', measured, `${parts} messages`);
}

async function measureReport(system: BenchSystem, functions: Functions): Promise<readonly Measurement[]> {
  await fillLedger(system, 'report');
  const path = '/api/bulk/report';
  const measured = await measureCall(functions, { headers: { accept: 'text/csv' } }, path);
  await system.emptyTables();
  const rows = measured.text.split('\r\n').length - 2;
  if (rows !== lines) throw new Error(`The report has ${rows} rows.`);
  return figures('The report of 100,000 rows as CSV', measured, `${megabytes(measured.text.length)} of CSV`);
}

interface Measured {
  readonly text: string;
  readonly ms: number;
  readonly peakBytes: number;
  readonly idleBytes: number;
  readonly cpuMs: number;
}

async function measureCall(
  { url, child }: Functions,
  request: RequestInit,
  path = '/api/bulk',
): Promise<Measured> {
  await fetch(new URL('/api/bulk?limit=1', url));
  const before = await child.usage();
  const startMs = performance.now();
  const response = await fetch(new URL(path, url), request);
  const text = await response.text();
  const ms = performance.now() - startMs;
  if (!response.ok) throw new Error(`${path} returned ${response.status}: ${text.slice(0, 500)}`);
  const { peakBytes, cpuMs } = await child.usage();
  return { text, ms, peakBytes, idleBytes: before.residentBytes, cpuMs: cpuMs - before.cpuMs };
}

function figures(
  name: string,
  { ms, peakBytes, idleBytes, cpuMs }: Measured,
  what: string,
): readonly Measurement[] {
  const seconds = (some: number) => `${(some / 1000).toFixed(1)} s`;
  const explanation = `one call in a process without the functions of the queue: ${seconds(cpuMs)} CPU, ${what}`;
  return [
    { name, measured: seconds(ms), limit: `at most ${seconds(limitMs)}`, passed: ms <= limitMs, explanation },
    {
      name: `${name}: memory`,
      measured: megabytes(peakBytes),
      limit: `at most ${megabytes(limitBytes)}`,
      passed: peakBytes <= limitBytes,
      explanation: `the most that was ever resident; ${megabytes(idleBytes)} before the call`,
    },
  ];
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(0)} MB`;
}

const rowsPerPart = 400;

/**
 * Writes a finished batch as the functions leave it; working it off would take a quarter of an hour. With parts that are
 * `missing` it is one that goes on.
 */
export async function fillLedger({ environment }: BenchSystem, batch: string, missing = 0): Promise<void> {
  const storage = environment['BulkStorage'] ?? '';
  const table = TableClient.fromConnectionString(storage, tableNames.ledger, {
    allowInsecureConnection: true,
  });
  const parts = lines / rowsPerPart;
  const requestedAtMs = Date.now();
  await table.createEntity(batchEntity({ batch, createdAtMs: requestedAtMs, cancelled: false }));
  const users = makeUsers(lines);
  for (let part = 0; part < parts; part++) {
    const entries = users.slice(part * rowsPerPart, (part + 1) * rowsPerPart).map(entryOf);
    const message = { schema: 'simring/bulk/1', batch, part, parts: parts + missing, dryRun: false } as const;
    const sent = { ...message, deferrals: 0, generation: 0, entries: [] };
    const record = partRecord(sent, { requestedAtMs, enteredAtMs: requestedAtMs }, { entries, digest: 'd' });
    await table.createEntity(partEntity(batch, { ...record, finished: true }));
    for (let from = 0; from < entries.length; from += 100) {
      const actions = entries
        .slice(from, from + 100)
        .map((entry): TransactionAction => ['create', entryEntity({ batch, part }, entry)]);
      await table.submitTransaction(actions);
    }
  }
}

function entryOf({ address, target }: BenchUser, entry: number): LedgerEntry {
  const user = `sip:${address}`;
  return {
    entry,
    ref: `E${entry}`,
    user,
    generation: 0,
    digest: 'abcdefghijklmnop',
    outcome: {
      user,
      outcome: 'applied',
      ring: 'contact',
      target: `tel:${target}`,
      previous: { ring: 'off' },
      verified: true,
      attempts: 1,
      recovery: [],
      requests: 8,
      correlationId: '0f8fad5b-d9cb-469f-a165-70867728950e',
      endedAt: '2026-11-23T09:00:01.204Z',
    },
  };
}
