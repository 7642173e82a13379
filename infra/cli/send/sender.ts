/** A file to send. */
export interface FileToSend {
  readonly content: Uint8Array;
  readonly isJson: boolean;
  readonly batch: string | undefined;
  readonly dryRun: boolean;
  readonly strict: boolean;
}

/** What is wrong with one value of a file. */
export interface WrongValue {
  readonly line?: number | undefined;
  readonly entry?: number | undefined;
  readonly column?: string | undefined;
  readonly detail: string;
}

/** A file that was judged or sent. */
export interface Judged {
  readonly batch: string;
  readonly entries: number;
  readonly rejected: { readonly count: number; readonly first: readonly WrongValue[] };
  readonly ignoredColumns?: readonly string[] | undefined;
  /** True where the same was sent before: only what had not come was sent. */
  readonly existing?: boolean | undefined;
}

/** How far a batch is. */
export interface Progress {
  readonly entries: number;
  readonly finished: boolean;
  readonly cancelled?: boolean | undefined;
  readonly nextTryAt?: string | undefined;
  readonly counts: Readonly<Record<string, number>>;
}

/** An entry that did not succeed. */
export interface FailedEntry {
  readonly user: string;
  readonly ref?: string | undefined;
  readonly outcome?: string | undefined;
  readonly code?: string | undefined;
  readonly detail?: string | undefined;
}

/** Where a file goes: the functions over HTTPS, or the queue itself. */
export interface Sender {
  /** Judges a file and sends nothing. Throws {@link RefusedError} or {@link UnreachableError}. */
  judge(file: FileToSend): Promise<Judged>;
  /** Sends a file. The same again sends only what has not come. Throws as `judge`. */
  send(file: FileToSend): Promise<Judged>;
  /** Returns how far a batch is; undefined while it does not exist. Throws {@link UnreachableError}. */
  progress(batch: string): Promise<Progress | undefined>;
  /** Returns the entries with one of these outcomes, at most `limit`. */
  failures(batch: string, outcome: string, limit: number): Promise<readonly FailedEntry[]>;
  /** Returns the report of every entry as CSV. */
  report(batch: string): Promise<Uint8Array>;
}

/** The file was refused, and nothing was sent. The message has a line for each reason. */
export class RefusedError extends Error {}

/** What sends or shows could not be reached, or cannot serve now. It may pass. */
export class UnreachableError extends Error {}
