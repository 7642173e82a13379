import { useRef, useState } from 'preact/hooks';
import { type Batch, startedSchema } from '../api/schemas.ts';
import { lastFailure, useAction, useSession } from '../session.ts';
import { Confirm, type ConfirmHandle } from './confirm.tsx';
import { FailureText } from './failure-text.tsx';
import { countOf } from './words.ts';

interface Props {
  readonly batch: Batch;
  readonly reload: () => void;
}

/** Cancelling a batch that runs, undoing one that has finished. */
export function BatchActions({ batch, reload }: Props) {
  return (
    <div class="actions">
      {batch.finished || batch.cancelled === true ? null : <Cancel batch={batch} reload={reload} />}
      {batch.undoes !== undefined && batch.finished ? (
        <UndoPreviewed batch={batch} undoes={batch.undoes} />
      ) : null}
      {batch.undoes === undefined && batch.finished && (batch.counts['applied'] ?? 0) > 0 ? (
        <Undo batch={batch} />
      ) : null}
    </div>
  );
}

function pathOf(batch: string): string {
  return `/api/bulk/${encodeURIComponent(batch)}`;
}

function Cancel({ batch: { batch }, reload }: Props) {
  const dialog = useRef<ConfirmHandle>(null);
  const cancel = useAction((api) => api.json(pathOf(batch), startedSchema, { method: 'DELETE' }), reload);
  return (
    <>
      <button
        type="button"
        class="secondary"
        onClick={() => dialog.current?.open()}
        aria-busy={cancel.isRunning}
      >
        Cancel the batch…
      </button>
      <Confirm
        handle={dialog}
        title="Cancel the batch?"
        yes="Cancel the batch"
        no="Let it run"
        onYes={cancel.run}
      >
        <p>
          Entries for which nothing was written end as cancelled. What was set already stays set: undo it
          afterwards.
        </p>
      </Confirm>
      <FailureText failure={cancel.failure} />
    </>
  );
}

function Undo({ batch: { batch, counts } }: { batch: Batch }) {
  const { go } = useSession();
  const dialog = useRef<ConfirmHandle>(null);
  const show = ({ batch: started }: { batch?: string | undefined }) =>
    started !== undefined && go({ page: 'batch', batch: started });
  const preview = useAction(
    (api) => api.json(`${pathOf(batch)}/undo?dryRun=true`, startedSchema, { method: 'POST' }),
    show,
  );
  const undo = useAction((api) => api.json(`${pathOf(batch)}/undo`, startedSchema, { method: 'POST' }), show);
  return (
    <>
      <button type="button" class="secondary" onClick={preview.run} aria-busy={preview.isRunning}>
        Preview an undo
      </button>
      <button
        type="button"
        class="secondary"
        onClick={() => dialog.current?.open()}
        aria-busy={undo.isRunning}
      >
        Undo…
      </button>
      <Confirm handle={dialog} title="Undo the batch?" yes="Undo" no="Leave it" onYes={undo.run}>
        <p>
          Each of {countOf(counts['applied'] ?? 0, 'user')} goes back to what was set before. Whoever has a
          newer setting by now, from here or from their own client, keeps it.
        </p>
      </Confirm>
      <FailureText failure={lastFailure(preview, undo)} />
    </>
  );
}

/** A preview has the random name of a dry run; what an undo was called after its batch is the undo itself. */
const previewName = /^undo-[0-9a-f]{8}-[0-9a-f]{4}-/;

function UndoPreviewed({ batch: { batch }, undoes }: { batch: Batch; undoes: string }) {
  const { go } = useSession();
  const [isUndone, setIsUndone] = useState(false);
  const undo = useAction(
    (api) => api.json(`${pathOf(undoes)}/undo`, startedSchema, { method: 'POST' }),
    ({ batch: started }) => {
      setIsUndone(true);
      if (started !== undefined) go({ page: 'batch', batch: started });
    },
  );
  if (!previewName.test(batch)) return null;
  return (
    <>
      <p>
        This is a preview: nothing was changed. Rows that <em>would change</em> go back to what was set
        before.
      </p>
      <button type="button" onClick={undo.run} aria-busy={undo.isRunning} disabled={isUndone}>
        Undo {undoes} now
      </button>
      <FailureText failure={undo.failure} />
    </>
  );
}
