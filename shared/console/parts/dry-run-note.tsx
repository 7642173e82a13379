import type { Batch } from '../api/schemas.ts';
import { type FileToSend, uploadFile } from '../api/upload.ts';
import { useAction, useSession } from '../session.ts';
import { FailureText } from './failure-text.tsx';

/** Says that nothing was changed, and leads on: to those that would change, and from a file that was tried to sending it. */
export function DryRunNote({ batch, showChanges }: { batch: Batch; showChanges: () => void }) {
  const tried = useSession().dryRuns.get(batch.batch);
  const isCheck = batch.batch.startsWith('check-');
  return (
    <>
      <p>
        <strong>This was a dry run: nothing was changed.</strong>{' '}
        {isCheck
          ? 'Each entry asks for what was set last: one that would change is of a user who has it no longer.'
          : null}
      </p>
      <div class="actions">
        <button type="button" class="secondary" onClick={showChanges}>
          {isCheck ? 'Show who has it no longer' : 'Show those that would change'}
        </button>
        {batch.finished && tried !== undefined ? <SendTried tried={tried} /> : null}
      </div>
    </>
  );
}

function SendTried({ tried }: { tried: FileToSend }) {
  const { go } = useSession();
  const send = useAction(
    (api) => uploadFile(api, tried, 'send'),
    ({ batch }) => go({ page: 'batch', batch }),
  );
  return (
    <>
      <button type="button" onClick={send.run} aria-busy={send.isRunning}>
        Send it now
      </button>
      <FailureText failure={send.failure} />
    </>
  );
}
