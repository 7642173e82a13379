import { isSuccess, type Outcome, type RefusedOutcome } from '../model/outcome.ts';
import type { RingState } from '../model/ring-state.ts';
import { type Ledger, type OutcomePage, stateOf } from '../ports/ledger.ts';
import { type CsvProperty, csvProperties } from './csv/columns.ts';
import { byteOrderMark, type Cell, csvLine } from './csv/write.ts';
import { notReadName } from './message/sent-properties.ts';
import type { BatchSummary } from './progress.ts';
import { readProgress, shownEntry, storedStates, type WantedEntries } from './status.ts';

/** Rows that one call reads: as many as a page of the table has. */
const pageSize = 1_000;

type Reported = OutcomePage['outcomes'][number];

/** What a report says of an entry beside the columns of an upload. */
const told = {
  outcome: ({ outcome }) => outcome?.outcome ?? 'pending',
  would: ({ outcome }) => (outcome !== undefined && 'would' in outcome ? outcome.would : undefined),
  code: ({ outcome }) => (outcome !== undefined && 'code' in outcome ? outcome.code : undefined),
  detail: ({ outcome }) => (outcome !== undefined && 'detail' in outcome ? outcome.detail : undefined),
  verified: ({ outcome }) => (outcome !== undefined && 'verified' in outcome ? outcome.verified : undefined),
  previous: (reported) => previousOf(reported)?.ring,
  previousTarget: (reported) => previousOf(reported)?.target,
  warnings: ({ outcome }) =>
    outcome !== undefined && isSuccess(outcome)
      ? outcome.warnings?.map(({ detail }) => detail).join(' ')
      : undefined,
  endedAt: ({ outcome }) => outcome?.endedAt,
  part: ({ part }) => part,
  entry: ({ entry }) => entry,
  by: (_reported, { by }) => by,
  [notReadName]: (reported) => sentOf(reported)?.[notReadName],
} satisfies Readonly<Record<string, (reported: Reported, batch: Pick<BatchSummary, 'by'>) => Cell>>;

/**
 * Returns the entries of a batch as a CSV file, in the sender's order: first the columns of an upload, then what became of
 * each entry. A report can be uploaded again after its wrong rows were corrected, since an upload ignores the other columns.
 * Undefined where the batch does not exist.
 */
export async function batchReport(
  ledger: Ledger,
  batch: string,
  { outcome, would, user }: WantedEntries,
): Promise<string | undefined> {
  const progress = await readProgress(ledger, batch);
  if (progress === undefined) return undefined;
  const isCancelled = progress.cancelled === true;
  const wanted = { outcomes: storedStates(outcome), would, user };
  const lines = [byteOrderMark + csvLine([...csvProperties, ...Object.keys(told)])];
  let continuation: string | undefined;
  do {
    const from = continuation === undefined ? {} : { continuation };
    const page = await ledger.readPage(batch, { ...wanted, ...from, limit: pageSize });
    const shown = page.outcomes.map((entry) => shownEntry(entry, isCancelled));
    lines.push(
      ...shown
        .filter((entry) => outcome === undefined || stateOf(entry) === outcome)
        .map((entry) => reportLine(entry, progress)),
    );
    continuation = page.continuation;
  } while (continuation !== undefined);
  return lines.join('');
}

function reportLine(reported: Reported, batch: Pick<BatchSummary, 'by'>): string {
  const asked = askedFor(reported);
  return csvLine([
    ...csvProperties.map((name) => asked[name]),
    ...Object.values(told).map((tell) => tell(reported, batch)),
  ]);
}

/** What the sender wrote, or the canonical form of it where it was understood. */
function askedFor({ user, ref, outcome }: Reported): Partial<Record<CsvProperty, Cell>> {
  const sent = sentOf({ outcome });
  return { ...sent, ...desiredOf(outcome), user: user.replace(/^sip:/, ''), ref };
}

function sentOf({ outcome }: { outcome?: Outcome | undefined }): RefusedOutcome['sent'] {
  return outcome !== undefined && 'sent' in outcome ? outcome.sent : undefined;
}

function desiredOf(outcome: Outcome | undefined): Partial<Record<CsvProperty, Cell>> {
  if (outcome?.ring === undefined) return {};
  const { ring, target, ringDelaySeconds, activePeriod, from, until } = outcome;
  return { ring, target, ringDelaySeconds, activePeriod, from, until };
}

function previousOf({ outcome }: Reported): RingState | undefined {
  return outcome !== undefined && isSuccess(outcome) ? outcome.previous : undefined;
}
