import type { Outcome } from '../model/outcome.ts';
import type { Ledger, OutcomeFilter } from '../ports/ledger.ts';
import { csvProperties } from './csv/columns.ts';
import { reportColumns } from './csv/report-columns.ts';
import { byteOrderMark, csvLine } from './csv/write.ts';

/** Rows that one call reads: as many as a page of the table has. */
const pageSize = 1_000;

type Reported = Awaited<ReturnType<Ledger['readPage']>>['outcomes'][number];

/**
 * Returns the entries of a batch as a CSV file, in the sender's order: first the columns of an upload, then what became of
 * each entry. A report can be uploaded again, as a whole or after its wrong rows were corrected: what is no column of an
 * upload is ignored. Undefined where the batch does not exist.
 */
export async function batchReport(
  ledger: Ledger,
  batch: string,
  filter: OutcomeFilter,
): Promise<string | undefined> {
  if ((await ledger.readBatch(batch)) === undefined) return undefined;
  const lines = [byteOrderMark + csvLine([...csvProperties, ...batchColumns])];
  let continuation: string | undefined;
  do {
    const page = await ledger.readPage(batch, {
      ...filter,
      limit: pageSize,
      ...(continuation === undefined ? {} : { continuation }),
    });
    lines.push(...page.outcomes.map(reportLine));
    continuation = page.continuation;
  } while (continuation !== undefined);
  return lines.join('');
}

const batchColumns = reportColumns.filter((name) => Object.hasOwn(columns(undefined), name));

function reportLine({ user, ref, outcome, part, entry }: Reported): string {
  const told = { ...columns(outcome), part, entry };
  const asked = { ...askedFor(outcome), user: user.replace(/^sip:/, ''), ref };
  return csvLine([
    ...csvProperties.map((name) => asked[name]),
    ...batchColumns.map((name) => told[name]),
  ]);
}
