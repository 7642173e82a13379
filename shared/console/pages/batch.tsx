import { useRef, useState } from 'preact/hooks';
import type { Api, Reply } from '../api/client.ts';
import { type Batch, batchSchema } from '../api/schemas.ts';
import { BatchActions } from '../parts/batch-actions.tsx';
import { DownloadButton } from '../parts/download-button.tsx';
import { DryRunNote } from '../parts/dry-run-note.tsx';
import { FailureText } from '../parts/failure-text.tsx';
import { LongText } from '../parts/long-text.tsx';
import { OutcomeBar, OutcomeFilter, progressText } from '../parts/outcome-bar.tsx';
import { OutcomeTable } from '../parts/outcome-table.tsx';
import { Pager, usePages } from '../parts/pager.tsx';
import { PlaceLink } from '../parts/place-link.tsx';
import { useSettled } from '../parts/settled.ts';
import { numberOf, timeOf } from '../parts/words.ts';
import { useLoaded, useSession } from '../session.ts';

/** The rows of one page. */
const rows = 200;
const pollMs = 2_000;
/** What waits for minutes or days is not asked for every other second. */
const restingPollMs = 15_000;

/** One batch: how far it is, what became of each entry, and what can be done about it. */
export function BatchPage({ batch }: { batch: string }) {
  const [outcome, setOutcome] = useState('');
  const [would, setWould] = useState('');
  const [search, setSearch] = useState('');
  const user = useSettled(search.trim());
  const filter = new URLSearchParams({
    ...(outcome === '' ? {} : { outcome }),
    ...(would === '' ? {} : { would }),
    ...(user === '' ? {} : { user }),
  });
  const report = `/api/bulk/${encodeURIComponent(batch)}`;
  const pages = usePages(`${report}?limit=${rows}&${filter}`);
  const { value, failure, reload } = useLoaded(
    pages.url,
    (api, signal) => readPage(api, pages.url, signal),
    nextPollMs,
  );
  const seen = useLast(batch, value);
  const isDryRun = useEver(batch, seen?.outcomes.some((entry) => entry.dryRun === true) === true);
  return (
    <section aria-labelledby="batch">
      <h2 id="batch">
        Batch <bdi>{batch}</bdi>
      </h2>
      <FailureText failure={failure} isPolled />
      {seen === undefined && failure === undefined ? <p aria-busy="true">Loading the batch…</p> : null}
      {seen === undefined ? null : (
        <>
          <Summary batch={seen} />
          {isDryRun && seen.undoes === undefined ? (
            <DryRunNote batch={seen} showChanges={() => setWould('apply')} />
          ) : null}
          <BatchActions batch={seen} reload={reload} />
          <OutcomeFilter counts={seen.counts} chosen={outcome} choose={setOutcome} />
          <div class="grid">
            <label>
              User begins with
              <input type="search" value={search} onInput={(event) => setSearch(event.currentTarget.value)} />
            </label>
            <label hidden={!isDryRun}>
              A dry run would
              <select value={would} onChange={(event) => setWould(event.currentTarget.value)}>
                <option value="">do either</option>
                <option value="apply">change the setting</option>
                <option value="nothing">change nothing</option>
              </select>
            </label>
          </div>
          <OutcomeTable outcomes={value?.outcomes} isFiltered={filter.size > 0} />
          <Pager pages={pages} next={value?.next} label="Pages of entries" />
          <DownloadButton path={`${report}?${filter}`} name={fileName(batch, [outcome, would, user])}>
            {filter.size > 0 ? 'Download these rows as CSV' : 'Download the report as CSV'}
          </DownloadButton>
        </>
      )}
    </section>
  );
}

/** A part of the report has a name of its own beside the whole. */
function fileName(batch: string, filters: readonly string[]): string {
  const chosen = filters.map((one) => one.replace(/[^\w.@-]+/g, '-')).filter((one) => one !== '');
  return `${[batch, ...chosen].join('-')}.csv`;
}

/** A filtered page may be empty although more follow: this goes on to the first that has rows, or to the last. */
async function readPage(api: Api, url: string, signal: AbortSignal): Promise<Reply<Batch>> {
  let reply = await api.json(url, batchSchema, { signal });
  while (reply.ok && reply.value.outcomes.length === 0 && reply.value.next !== undefined) {
    reply = await api.json(reply.value.next, batchSchema, { signal });
  }
  return reply;
}

function nextPollMs({ finished, counts, nextTryAt }: Batch): number | undefined {
  if (finished) return undefined;
  const mayChangeAtOnce = (counts['pending'] ?? 0) > 0 || nextTryAt === undefined;
  const untilNextTryMs = mayChangeAtOnce ? 0 : Date.parse(nextTryAt) - Date.now();
  return Math.min(restingPollMs, Math.max(pollMs, untilNextTryMs));
}

/** Returns the batch as it was seen last, also while another page of it is loading. */
function useLast(name: string, value: Batch | undefined): Batch | undefined {
  const last = useRef<Batch | undefined>(undefined);
  if (value !== undefined) last.current = value;
  return last.current?.batch === name ? last.current : undefined;
}

/** Returns whether something was ever so for this batch: a page of it may have no row that shows it. */
function useEver(name: string, isSo: boolean): boolean {
  const ever = useRef<string | undefined>(undefined);
  if (isSo) ever.current = name;
  return ever.current === name;
}

function Summary({ batch }: { batch: Batch }) {
  const { counts, entries, finished, cancelled, missingCount = 0, rejectedMessages = [] } = batch;
  return (
    <>
      <OutcomeBar counts={counts} />
      <p>
        {cancelled === true ? <strong>Cancelled. </strong> : null}
        <Announced text={finished ? 'Finished' : 'In progress'} />: {progressText(counts, entries)}.
        {missingCount > 0 ? ` ${missingText(missingCount, batch.parts)}` : ''}
        {batch.nextTryAt === undefined || finished
          ? ''
          : ` What waits is tried again from ${timeOf(batch.nextTryAt)}.`}
      </p>
      <dl class="facts">
        <Fact name="Source" text={batch.source} />
        <Fact name="Requested" text={timeOf(batch.requestedAt)} />
        <Fact name="Finished" text={timeOf(batch.finishedAt)} />
        <FactLink name="Undoes" batch={batch.undoes} />
        <FactLink name="Undone by" batch={batch.undoneBy} />
      </dl>
      {rejectedMessages.map(({ reason, at }, index) => (
        <p key={index} role="alert">
          A message of this batch could not be read ({timeOf(at)}): <bdi>{reason}</bdi>
        </p>
      ))}
    </>
  );
}

function missingText(missing: number, parts: number): string {
  if (parts === 1) return 'Its message has not come yet.';
  return `${numberOf(missing)} of its ${numberOf(parts)} messages ${missing === 1 ? 'has' : 'have'} not come yet.`;
}

/** Tells a screen reader when the text changes. */
function Announced({ text }: { text: string }) {
  const { announce } = useSession();
  const told = useRef(text);
  if (told.current !== text) {
    told.current = text;
    queueMicrotask(() => announce(text));
  }
  return <strong>{text}</strong>;
}

function Fact({ name, text }: { name: string; text: string | undefined }) {
  if (text === undefined || text === '') return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <LongText text={text} />
      </dd>
    </div>
  );
}

function FactLink({ name, batch }: { name: string; batch: string | undefined }) {
  if (batch === undefined) return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <PlaceLink to={{ page: 'batch', batch }}>{batch}</PlaceLink>
      </dd>
    </div>
  );
}
