import type { Outcome } from '../model/outcome.ts';
import type { OutcomeCounts } from './ledger.ts';

/** What HR systems hear when a part is finished. */
export interface ResultsMessage {
  readonly schema: 'simring/results/1';
  /** The same for the same part, so that one that comes twice can be told. */
  readonly id: string;
  readonly batch: string;
  readonly part: number;
  readonly counts: OutcomeCounts;
  readonly failed: readonly (Pick<Outcome, 'user' | 'outcome' | 'code' | 'detail'> & {
    entry: number;
    ref?: string;
  })[];
  /** Not all failures fitted. */
  readonly truncated?: true;
}

/** The queues that we send to. Each method throws StorageUnavailableError where storage fails. */
export interface Queues {
  /** Sends a bulk message that shows after `delayMs` and never expires by itself. */
  sendBulk(text: string, delayMs: number): Promise<void>;
  /** Puts a text, as it came, to what needs a person. */
  sendPoison(text: string): Promise<void>;
  sendResults(text: string): Promise<void>;
}
