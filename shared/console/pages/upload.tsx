import { useRef, useState } from 'preact/hooks';
import type { Upload } from '../api/schemas.ts';
import { uploadFile } from '../api/upload.ts';
import { FailureText } from '../parts/failure-text.tsx';
import { LongText } from '../parts/long-text.tsx';
import { ScrollTable } from '../parts/scroll-table.tsx';
import { countOf, numberOf } from '../parts/words.ts';
import { lastFailure, useAction, useSession } from '../session.ts';

/** The most bytes that the functions take at once. */
const limitBytes = 32 * 1024 * 1024;

/** A dry run has four characters more. */
const batchName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$/;

/** A file to be sent: nothing is sent before the functions have judged every line of it. */
export function UploadForm() {
  const [file, setFile] = useState<File | undefined>();
  const [name, setName] = useState('');
  const isNameWrong = name !== '' && !batchName.test(name);
  return (
    <section aria-labelledby="send">
      <h2 id="send">Send a file</h2>
      <FileChooser file={file} choose={setFile} />
      <label>
        Name of the batch (optional)
        <input
          value={name}
          aria-describedby="name-help"
          aria-invalid={isNameWrong ? true : undefined}
          autocomplete="off"
          onInput={(event) => setName(event.currentTarget.value.trim())}
        />
        <small id="name-help">
          {isNameWrong ? <strong>This name is not allowed. </strong> : null}
          At most 60 letters, digits, dots, hyphens and underscores, the first a letter or a digit. Without a
          name, the content gives the batch one, so the same file sent twice is the same batch.
        </small>
      </label>
      {file === undefined ? null : (
        <Judged
          file={file}
          name={name}
          isNameWrong={isNameWrong}
          key={`${file.name} ${file.lastModified} ${file.size}`}
        />
      )}
    </section>
  );
}

function FileChooser({ file, choose }: { file: File | undefined; choose: (file: File | undefined) => void }) {
  const [isOver, setIsOver] = useState(false);
  const { announce } = useSession();
  const input = useRef<HTMLInputElement>(null);
  const take = (files: FileList | null | undefined) => {
    const chosen = files?.[0];
    if (chosen === undefined) return;
    announce(`The file ${chosen.name} was chosen.`);
    choose(chosen);
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setIsOver(false);
    const files = event.dataTransfer?.files;
    // The input names the file then, as if it had been chosen there.
    if (files !== undefined && files.length > 0 && input.current !== null) input.current.files = files;
    take(files);
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
          ref={input}
          onClick={(event) => {
            // So that the same file, corrected, can be chosen again.
            event.currentTarget.value = '';
          }}
          onChange={(event) => take(event.currentTarget.files)}
        />
      </label>
      <small>
        A header row with <code>user</code> (or <code>email</code>) and <code>target</code> (or{' '}
        <code>phone</code>), then a line for each person. Nothing is sent yet.
      </small>
      {file === undefined ? null : (
        <p>
          Chosen: <bdi>{file.name}</bdi> ({countOf(file.size, 'byte')})
        </p>
      )}
    </div>
  );
}

interface JudgedProps {
  readonly file: File;
  readonly name: string;
  readonly isNameWrong: boolean;
}

function Judged({ file, name, isNameWrong }: JudgedProps) {
  const { dryRuns, go, announce } = useSession();
  const [judged, setJudged] = useState<Upload | undefined>();
  const judge = useAction(
    (api) => uploadFile(api, { file, name: '' }, 'validate'),
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
    (api) => uploadFile(api, { file, name }, 'send'),
    ({ batch }) => go({ page: 'batch', batch }),
  );
  const dryRun = useAction(
    (api) => uploadFile(api, { file, name }, 'dryRun'),
    ({ batch }) => {
      dryRuns.set(batch, { file, name });
      go({ page: 'batch', batch });
    },
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
  const isBlocked = right === 0 || isNameWrong;
  return (
    <div class="judged">
      <h3 tabIndex={-1}>{judgementOf(judged)}</h3>
      <WrongLines upload={judged} />
      <div class="actions">
        <button type="button" disabled={isBlocked} aria-busy={send.isRunning} onClick={send.run}>
          {sendText(right, judged.rejected.count)}
        </button>
        <button
          type="button"
          class="secondary"
          disabled={isBlocked}
          aria-busy={dryRun.isRunning}
          onClick={dryRun.run}
        >
          Dry run: sign in as each and change nothing
        </button>
      </div>
      <FailureText failure={lastFailure(send, dryRun)} />
    </div>
  );
}

function sendText(right: number, wrong: number): string {
  if (wrong === 0) return `Send ${countOf(right, 'entry', 'entries')}`;
  if (right === 0) return 'Nothing to send';
  return right === 1 ? 'Send the one right entry' : `Send the ${numberOf(right)} right ones`;
}

function judgementOf({ entries, rejected: { count } }: Upload): string {
  const all = countOf(entries, 'entry', 'entries');
  if (count === 0) return `All well: ${all}`;
  return `${numberOf(count)} of ${all} ${count === 1 ? 'is' : 'are'} wrong`;
}

function WrongLines({ upload: { entries, rejected, ignoredColumns = [] } }: { upload: Upload }) {
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
            Correct these lines in the file and choose it again
            {count < entries
              ? ', or send the right ones now: wrong ones stop no others and end as rejected.'
              : '.'}
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
