import { useState } from 'preact/hooks';
import { batchListSchema, type ListedBatch } from '../api/schemas.ts';
import { FailureText } from '../parts/failure-text.tsx';
import { LongText } from '../parts/long-text.tsx';
import { OutcomeBar, progressText } from '../parts/outcome-bar.tsx';
import { Pager, usePages } from '../parts/pager.tsx';
import { PlaceLink } from '../parts/place-link.tsx';
import { ScrollTable } from '../parts/scroll-table.tsx';
import { countOf, timeOf } from '../parts/words.ts';
import { useLoaded } from '../session.ts';
import { UploadForm } from './upload.tsx';

const pollMs = 5_000;

/** The first page: a file to send, and the batches. */
export function Home() {
  return (
    <>
      <UploadForm />
      <Batches />
    </>
  );
}

function Batches() {
  const [all, setAll] = useState(false);
  const pages = usePages(`/api/bulk?limit=20${all ? '&all=true' : ''}`);
  const { value, failure } = useLoaded(
    pages.url,
    (api, signal) => api.json(pages.url, batchListSchema, { signal }),
    ({ batches }) => (batches.every(({ finished }) => finished) ? undefined : pollMs),
  );
  return (
    <section aria-labelledby="batches">
      <h2 id="batches">Batches</h2>
      <label>
        <input type="checkbox" checked={all} onChange={(event) => setAll(event.currentTarget.checked)} />
        Show checks, undos and single changes as well
      </label>
      <FailureText failure={failure} isPolled />
      {value === undefined && failure === undefined ? <p aria-busy="true">Loading the batches…</p> : null}
      {value === undefined ? null : <BatchTable batches={value.batches} />}
      <Pager pages={pages} next={value?.next} label="Pages of batches" />
    </section>
  );
}

function BatchTable({ batches }: { batches: readonly ListedBatch[] }) {
  if (batches.length === 0)
    return (
      <p>
        There is no batch yet. Choose a file above to send the first; HR systems that use the queue show here
        too.
      </p>
    );
  return (
    <ScrollTable
      label="Table of batches, newest first"
      columns={['Batch', 'Source', 'Requested', 'Progress']}
    >
      {batches.map((batch) => (
        <tr key={batch.batch}>
          <th scope="row">
            <PlaceLink to={{ page: 'batch', batch: batch.batch }}>{batch.batch}</PlaceLink>
          </th>
          <td>
            <LongText text={batch.source} />
          </td>
          <td>{timeOf(batch.requestedAt)}</td>
          <td>
            <OutcomeBar counts={batch.counts} />
            {stateOf(batch)}
          </td>
        </tr>
      ))}
    </ScrollTable>
  );
}

function stateOf({ counts, entries, finished, cancelled }: ListedBatch): string {
  const wrong = (counts['failed'] ?? 0) + (counts['rejected'] ?? 0);
  const state = finished
    ? `Finished: ${countOf(entries, 'entry', 'entries')}`
    : progressText(counts, entries);
  return `${cancelled === true ? 'Cancelled. ' : ''}${state}${wrong === 0 ? '' : `, ${wrong} failed or rejected`}`;
}
