import { writeFile } from 'node:fs/promises';
import { secretName } from '../../../shared/azure/key-vault.ts';
import { byteOrderMark, csvLine } from '../../../shared/ring/batch/csv/write.ts';
import { systemClock } from '../../../shared/runtime/clock.ts';
import { readInput, requireWritable } from '../input.ts';
import { parseDestination } from '../send/arguments.ts';
import { connect } from '../send/connect.ts';
import { useSettings } from '../settings.ts';
import { processTerminal } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';
import { readAddress } from './address.ts';
import type { Arguments } from './arguments.ts';
import { type ImportedRow, importCredentials } from './import.ts';
import { openImport } from './import-state.ts';
import { type CredentialRow, readCredentials } from './read-credentials.ts';
import { sipDomains, vaultUrl } from './settings.ts';
import { Vault } from './vault.ts';
import { verifyCredentials } from './verify.ts';

const environment = process.env;

/** The exit code of a command that Ctrl-C ended. */
const interruptedCode = 130;

/** Runs a command and returns its exit code: 0, or 1 where some users failed or are missing. Throws UsageError. */
export async function run(given: Arguments, signal: AbortSignal): Promise<number> {
  await useSettings(given.settings, environment);
  switch (given.command) {
    case 'import':
      return await runImport(given, signal);
    case 'missing':
      return await runMissing(given, signal);
    case 'verify':
      return await runVerify(given, signal);
    case 'name':
      return runName(given);
  }
}

async function runImport({ subject, replace, report }: Arguments, signal: AbortSignal): Promise<number> {
  const url = vaultUrl(environment);
  const rows = await readRows(subject, true);
  if (report !== undefined) await requireWritable(report);
  const { importId, isNew, finish } = await openImport(subject);
  const importing = importCredentials(new Vault(url, systemClock, signal), rows, {
    importId,
    replace,
    signal,
    onProgress: progress('written'),
  });
  const ended = await importing.catch(async (error: unknown) => {
    // Nothing was written: there is nothing to go on with.
    if (isNew) await finish();
    throw error;
  });
  if (report !== undefined) await writeReport(report, ended);
  const count = (result: string) => ended.filter((row) => row.result === result).length;
  const details = new Set(
    ended.flatMap(({ line, detail }) => (detail === undefined ? [] : [`Line ${line}: ${detail}`])),
  );
  for (const detail of details) console.error(detail);
  const present = replace ? 'written by this import before' : 'there before';
  console.log(`${count('written')} written, ${count('present')} ${present}, ${count('failed')} failed.`);
  const left = count('failed') + count('not tried');
  if (left === 0) await finish();
  else
    console.error(`${left} of ${rows.length} secrets are not written. To go on, run the same command again.`);
  if (signal.aborted) return interruptedCode;
  return left === 0 ? 0 : 1;
}

async function runMissing({ subject }: Arguments, signal: AbortSignal): Promise<number> {
  const url = vaultUrl(environment);
  const rows = await readRows(subject, false);
  const listed = await new Vault(url, systemClock, signal).list();
  const secretOf = ({ user }: CredentialRow) => listed.get(secretName(user));
  const missing = rows.filter((row) => secretOf(row)?.isEnabled !== true);
  const disabled = missing.filter((row) => secretOf(row) !== undefined);
  for (const { user } of missing) console.log(user.slice('sip:'.length));
  const note = disabled.length === 0 ? '' : `, ${disabled.length} of them one that is disabled`;
  console.error(`${missing.length} of ${rows.length} users have no secret in ${url.host}${note}.`);
  return missing.length === 0 ? 0 : 1;
}

async function runVerify({ subject, url, queue, keyFile }: Arguments, signal: AbortSignal): Promise<number> {
  const rows = await readRows(subject, false);
  const sender = await connect(parseDestination(url, queue, keyFile), environment, signal);
  const terminal = processTerminal(process.stdout, process.stderr);
  const { sleep, nowMs } = systemClock;
  const failures = await verifyCredentials(sender, rows, { terminal, sleep, nowMs, signal });
  for (const { user, outcome = 'pending', code, detail = '' } of failures) {
    const why = code === undefined ? outcome : `${outcome} (${code})`;
    terminal.print(`${user.replace(/^sip:/, '')}: ${why}. ${detail}`.trim());
  }
  terminal.note(`${rows.length - failures.length} of ${rows.length} users can sign in.`);
  return failures.length === 0 ? 0 : 1;
}

function runName({ subject }: Arguments): number {
  const user = readAddress(subject, sipDomains(environment));
  if (!user.ok) throw new UsageError(user.error);
  console.log(secretName(user.value));
  return 0;
}

async function readRows(file: string, withPasswords: boolean): Promise<readonly CredentialRow[]> {
  const read = readCredentials(await readInput(file), {
    sipDomains: sipDomains(environment),
    withPasswords,
  });
  if (read.ok) return read.value;
  const problems = read.error.length === 1 ? 'One problem' : `${read.error.length} problems`;
  throw new UsageError(
    [...read.error, `${problems} in the file: correct it and run the command again. Nothing was sent.`].join(
      '\n',
    ),
  );
}

async function writeReport(file: string, rows: readonly ImportedRow[]): Promise<void> {
  const lines = rows.map(({ line, user, secret, result, detail }) =>
    csvLine([line, user, secret, result, detail]),
  );
  const header = csvLine(['line', 'user', 'secret', 'result', 'detail']);
  await writeFile(file, [byteOrderMark, header, ...lines].join(''), { mode: 0o600 });
}

/** Shows progress in one line of a terminal; elsewhere nothing. */
function progress(what: string): (done: number, total: number) => void {
  if (!process.stderr.isTTY) return () => {};
  return (done, total) => {
    process.stderr.write(`\r${done} of ${total} ${what}${done === total ? '\n' : ''}`);
  };
}
