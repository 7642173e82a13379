import { writeFile } from 'node:fs/promises';
import { readInput, requireWritable } from '../input.ts';
import type { Terminal } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';
import type { SendOptions } from './arguments.ts';
import {
  type FailedEntry,
  type FileToSend,
  type Judged,
  type Progress,
  RefusedError,
  type Sender,
  UnreachableError,
} from './sender.ts';
import {
  againLine,
  countOf,
  countsLine,
  countWould,
  failureLines,
  shownLines,
  type WouldCounts,
  wouldLine,
  wrongLines,
} from './texts.ts';
import { type Waiting, waitForEnd } from './wait.ts';

/** How often sending is tried where nothing came back: the same again sends nothing twice. */
const tries = 6;
const firstPauseMs = 1_000;

/** The outcomes that make the command fail. */
const failedOutcomes = ['failed', 'rejected'] as const;

/**
 * Sends a file as the options say, waits, and prints what became of it. Returns the exit code. Throws {@link UsageError} where
 * nothing was sent, and the signal's reason.
 */
export async function send(sender: Sender, options: SendOptions, waiting: Waiting): Promise<number> {
  const { terminal } = waiting;
  const file = await fileOf(options);
  if (options.report !== undefined) await requireWritable(options.report);
  const judged = await trying(options.validate ? () => sender.judge(file) : () => sender.send(file), waiting);
  if (!options.json) for (const line of wrongLines(judged)) terminal.note(line);
  if (options.validate || !options.wait) return told(judged, options, terminal);
  if (!options.json) terminal.note(startedLine(judged));
  try {
    return await follow(sender, judged, options, waiting);
  } catch (error) {
    if (!(error instanceof RefusedError || error instanceof UsageError)) throw error;
    terminal.note(`${error.message} The batch ${judged.batch} goes on; the same command follows it.`);
    return 1;
  }
}

/** Waits for the end of what was sent, and tells it. */
async function follow(
  sender: Sender,
  judged: Judged,
  options: SendOptions,
  waiting: Waiting,
): Promise<number> {
  const { batch } = judged;
  const ended = await waitForEnd(sender, batch, waiting);
  const failures = await trying(() => failuresOf(sender, batch, ended), waiting);
  const isReportNeeded = options.report !== undefined || options.dryRun;
  const report = isReportNeeded ? await trying(() => sender.report(batch), waiting) : undefined;
  if (options.report !== undefined && report !== undefined) await writeReport(options.report, report);
  const would = options.dryRun && report !== undefined ? countWould(report) : undefined;
  return ending({ judged, ended, failures, would }, options, waiting.terminal);
}

async function fileOf({ file, batch, dryRun, strict }: SendOptions): Promise<FileToSend> {
  const content = await readInput(file);
  const [first = ''] = new TextDecoder().decode(content.subarray(0, 100)).trimStart();
  const isJson = file.toLowerCase().endsWith('.json') || (file === '-' && (first === '{' || first === '['));
  return { content, isJson, batch, dryRun, strict };
}

async function trying<T>(act: () => Promise<T>, { terminal, sleep, signal }: Waiting): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await act();
    } catch (error) {
      if (error instanceof RefusedError) throw new UsageError(error.message);
      if (!(error instanceof UnreachableError)) throw error;
      if (tried === tries)
        throw new UsageError(`${error.message} Run the same command again later: nothing is sent twice.`);
      terminal.note(`${error.message} Trying again.`);
      await sleep(firstPauseMs * 2 ** (tried - 1), signal);
    }
  }
}

function startedLine({ batch, entries, existing }: Judged): string {
  const sent = existing === true ? 'was sent before, and is followed' : 'is on its way';
  return `The batch ${batch} of ${countOf(entries, 'entry', 'entries')} ${sent}. Ctrl-C ends this command, not the batch.`;
}

/** Prints what was judged, or sent without waiting. */
function told(judged: Judged, { json, validate }: SendOptions, terminal: Terminal): number {
  const { batch, entries, rejected } = judged;
  if (json) terminal.print(JSON.stringify(judged, undefined, 2));
  else if (validate)
    terminal.print(
      `${countOf(entries - rejected.count, 'entry is', 'entries are')} right. Nothing was sent.`,
    );
  else terminal.print(`Sent as the batch ${batch}. The same command without --no-wait follows it.`);
  return rejected.count === 0 ? 0 : 1;
}

async function failuresOf(
  sender: Sender,
  batch: string,
  { counts }: Progress,
): Promise<readonly FailedEntry[]> {
  const found: FailedEntry[] = [];
  for (const outcome of failedOutcomes) {
    if ((counts[outcome] ?? 0) === 0) continue;
    found.push(...(await sender.failures(batch, outcome, shownLines)));
  }
  return found;
}

async function writeReport(file: string, csv: Uint8Array): Promise<void> {
  try {
    await writeFile(file, csv);
  } catch (error) {
    throw new UsageError(
      `The report cannot be written: ${error instanceof Error ? error.message : String(error)}.`,
    );
  }
}

interface Ending {
  readonly judged: Judged;
  readonly ended: Progress;
  readonly failures: readonly FailedEntry[];
  /** What a dry run would do. */
  readonly would: WouldCounts | undefined;
}

function ending(
  { judged, ended, failures, would }: Ending,
  { json, report }: SendOptions,
  terminal: Terminal,
): number {
  const failed = failedOutcomes.reduce((sum, outcome) => sum + (ended.counts[outcome] ?? 0), 0);
  const isDone = failed === 0 && ended.cancelled !== true;
  if (json) {
    const { batch, existing } = judged;
    const told = { batch, ...(existing === undefined ? {} : { existing }), ...ended, would, failures };
    terminal.print(JSON.stringify(told, undefined, 2));
    return isDone ? 0 : 1;
  }
  for (const line of failureLines(failures, failed)) terminal.print(line);
  if (ended.cancelled === true) terminal.print('The batch was cancelled.');
  terminal.print(`${judged.batch}: ${countsLine(ended)}`);
  if (would !== undefined) terminal.print(wouldLine(would));
  if (judged.existing === true) terminal.print(againLine);
  if (report !== undefined) terminal.print(`The report is in ${report}.`);
  return isDone ? 0 : 1;
}
