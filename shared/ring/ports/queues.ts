import type { Outcome } from '../model/outcome.ts';
import type { OutcomeCounts } from './ledger.ts';

/** The summary of a finished part, for the system that sent it. */
export interface ResultsMessage {
  readonly schema: 'simring/results/1';
  /** The same each time that the same summary is sent, so that a receiver can ignore a second copy. */
  readonly id: string;
  readonly batch: string;
  readonly part: number;
  readonly counts: OutcomeCounts;
  readonly failed: readonly FailedEntry[];
  /** Present where not all failures fitted into the message. */
  readonly truncated?: true;
}

/**
 * What its sender hears of a message that is not a bulk message. It counts no entries, since none was read, and its part has
 * not come.
 */
export interface RejectionMessage extends Omit<ResultsMessage, 'part' | 'truncated'> {
  /** Present where the message told a valid one. */
  readonly part?: number;
  readonly rejectedMessage: {
    readonly messageId: string;
    readonly code: 'invalid-request';
    readonly detail: string;
  };
}

export interface FailedEntry {
  readonly entry: number;
  readonly ref?: string;
  readonly user: string;
  readonly outcome: Outcome['outcome'];
  readonly code?: string;
  readonly detail?: string;
}

/** The queues that are sent to. Each method throws StorageUnavailableError or, for a text that they refuse, StorageRefusedError. */
export interface Queues {
  /** Sends a bulk message that becomes visible after `delayMs` and never expires. */
  sendBulk(text: string, delayMs: number): Promise<void>;
  /** Moves a text, as it came, to the poison queue. */
  sendPoison(text: string): Promise<void>;
  sendResults(text: string): Promise<void>;
}
