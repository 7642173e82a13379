import { useRef, useState } from 'preact/hooks';
import type { Api } from '../api/client.ts';
import { type Upload, uploadSchema } from '../api/schemas.ts';
import { FailureText } from '../parts/failure-text.tsx';
import { LongText } from '../parts/long-text.tsx';
import { ScrollTable } from '../parts/scroll-table.tsx';
import { countOf, numberOf } from '../parts/words.ts';
import { useAction, useSession } from '../session.ts';

/** The most bytes that the functions take at once. */
const limitBytes = 32 * 1024 * 1024;

/** A file to be sent: nothing is sent before the functions have judged every line of it. */
export function UploadForm() {
  const [file, setFile] = useState<File | undefined>();
  const [name, setName] = useState('');
  return (
    <section aria-labelledby="send">
      <h2 id="send">Send a file</h2>
      <FileChooser file={file} choose={setFile} />
      <label>
        Name of the batch (optional)
        <input
          value={name}
          maxLength={60}
          pattern="[A-Za-z0-9][A-Za-z0-9._\-]*"
          aria-describedby="name-help"
          autocomplete="off"
          onInput={(event) => setName(event.currentTarget.value.trim())}
        />
        <small id="name-help">
          Letters, digits, dots, hyphens and underscores. Without a name, the content gives the batch one, so
          the same file sent twice is the same batch.
        </small>
      </label>
      {file === undefined ? null : (
        <Judged file={file} name={name} key={`${file.name} ${file.lastModified} ${file.size}`} />
      )}
    </section>
  );
}

function FileChooser({ file, choose }: { file: File | undefined; choose: (file: File | undefined) => void }) {
  const [isOver, setIsOver] = useState(false);
  const { announce } = useSession();
  const take = (files: FileList | null | undefined) => {
    const chosen = files?.[0];
    if (chosen === undefined) return;
    announce(`The file ${chosen.name} was chosen.`);
    choose(chosen);
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setIsOver(false);
    take(event.dataTransfer?.files);
  };
  const over = (event: DragEvent) => {
    event.preventDefault();
    setIsOver(true);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is a second way; the input does the same by keyboard.
    <div
      class={`drop${isOver ? ' over' : ''}`}
      onDrop={drop}
      onDragOver={over}
      onDragLeave={() => setIsOver(false)}
    >
      <label>
        CSV or JSON file: drop it here, or choose it
        <input
          type="file"
          accept=".csv,.txt,.tsv,.json,text/csv,application/json"
          onChange={(event) => {
            take(event.currentTarget.files);
            // So that the same file, corrected, can be chosen again.
            event.currentTarget.value = '';
          }}
        />
      </label>
      <small>
        A header row with <code>user</code> and <code>target</code>, then a line for each person. Nothing is
        sent yet.
      </small>
      {file === undefined ? null : (
        <p>
          Chosen: <bdi>{file.name}</bdi> ({countOf(file.size, 'byte')})
        </p>
      )}
    </div>
  );
}

function Judged({ file, name }: { file: File; name: string }) {
  const { go, announce } = useSession();
  const [judged, setJudged] = useState<Upload | undefined>();
  const judge = useAction(
    (api) => upload(api, file, name, 'validate=true'),
    (value) => {
      setJudged(value);
      announce(judgementOf(value));
    },
  );
  const begun = useRef(false);
  if (!begun.current && file.size <= limitBytes) {
    begun.current = true;
    queueMicrotask(judge.run);
  }
  const send = useAction(
    (api) => upload(api, file, name, ''),
    ({ batch }) => go({ page: 'batch', batch }),
  );
  const dryRun = useAction(
    (api) => upload(api, file, name, 'dryRun=true'),
    ({ batch }) => go({ page: 'batch', batch }),
  );
  if (file.size > limitBytes)
    return (
      <p role="alert">The file has more than 32 MiB. Split it, and send each part under a name of its own.</p>
    );
  if (judged === undefined)
    return judge.failure === undefined ? (
      <p aria-busy="true">Checking every line…</p>
    ) : (
      <>
        <FailureText failure={judge.failure} />
        <button type="button" class="secondary" onClick={judge.run}>
          Check the file again
        </button>
      </>
    );
  const right = judged.entries - judged.rejected.count;
  return (
    <div class="judged">
      <h3 tabIndex={-1}>{judgementOf(judged)}</h3>
      <WrongLines upload={judged} />
      <div class="actions">
        <button type="button" disabled={right === 0} aria-busy={send.isRunning} onClick={send.run}>
          {judged.rejected.count === 0
            ? `Send ${countOf(right, 'entry', 'entries')}`
            : `Send the ${numberOf(right)} right ones`}
        </button>
        <button
          type="button"
          class="secondary"
          disabled={right === 0}
          aria-busy={dryRun.isRunning}
          onClick={dryRun.run}
        >
          Dry run: sign in as each and change nothing
        </button>
      </div>
      <FailureText failure={send.failure ?? dryRun.failure} />
    </div>
  );
}

function judgementOf({ entries, rejected: { count } }: Upload): string {
  const all = countOf(entries, 'entry', 'entries');
  if (count === 0) return `All well: ${all}`;
  return `${numberOf(count)} of ${all} ${count === 1 ? 'is' : 'are'} wrong`;
}

function WrongLines({ upload: { rejected, ignoredColumns = [] } }: { upload: Upload }) {
  const { count, first } = rejected;
  const shownEntries = new Set(first.map(({ entry }) => entry)).size;
  return (
    <>
      {ignoredColumns.length === 0 ? null : (
        <p>
          Columns that mean nothing here and are ignored: <bdi>{ignoredColumns.slice(0, 20).join(', ')}</bdi>
        </p>
      )}
      {count === 0 ? null : (
        <>
          <p>
            Correct these lines in the file and choose it again, or send the right ones now: wrong ones stop
            no others and end as rejected.
            {shownEntries < count
              ? ` The first ${countOf(shownEntries, 'wrong entry', 'wrong entries')} are listed.`
              : ''}
          </p>
          <ScrollTable
            label="Table of wrong lines"
            columns={['Line', 'Column', 'What is wrong, and what to do']}
          >
            {first.map(({ line, entry = 0, column, detail }, index) => (
              <tr key={index}>
                <td>{line === undefined ? `entry ${entry}` : line}</td>
                <td>
                  <LongText text={column} />
                </td>
                <td>
                  <LongText text={detail} />
                </td>
              </tr>
            ))}
          </ScrollTable>
        </>
      )}
    </>
  );
}

function upload(api: Api, file: File, name: string, query: string) {
  const parameters = [query, name === '' ? '' : `batch=${encodeURIComponent(name)}`].filter(
    (one) => one !== '',
  );
  const isJson = file.name.toLowerCase().endsWith('.json');
  return api.json(`/api/bulk${parameters.length === 0 ? '' : `?${parameters.join('&')}`}`, uploadSchema, {
    method: 'POST',
    body: file,
    contentType: isJson ? 'application/json' : 'text/csv',
  });
}
