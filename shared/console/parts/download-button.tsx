import { useAction } from '../session.ts';
import { FailureText } from './failure-text.tsx';
import { localCsv } from './local-csv.ts';
import { saveFile } from './save-file.ts';

/** Saves a CSV report. A link could not carry the key. */
export function DownloadButton({ path, name, children }: { path: string; name: string; children: string }) {
  const download = useAction(
    (api) => api.file(path),
    (content) => void localCsv(content).then((csv) => saveFile(csv, name)),
  );
  return (
    <>
      <button type="button" class="secondary" onClick={download.run} aria-busy={download.isRunning}>
        {children}
      </button>
      <FailureText failure={download.failure} />
    </>
  );
}
