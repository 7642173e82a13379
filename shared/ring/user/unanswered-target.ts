import { LinkMissingError, UcwaResponseError } from '../../ucwa/errors.ts';
import type { ForwardingSettings } from '../../ucwa/forwarding-settings.ts';
import type { UcwaSession } from '../../ucwa/session.ts';
import { rel } from '../../ucwa/vocabulary.ts';
import { classify } from '../attempt/decision-table.ts';
import type { Warning } from '../model/outcome.ts';
import type { UnansweredToRestore } from '../ports/user-store.ts';
import type { RingReading } from './read-ring-state.ts';

/**
 * The user's own target for unanswered calls, which UCWA's turning off removes: what is to be set again, and a warning
 * where that is not possible.
 *
 *     read ──► prepareTurningOff ──► recorded ──► turned off ──► restore ──► shown: done
 *      │                                             │ crash        └──────► refused: warning
 *      └──► check: recorded before, and still lost? ◄┘
 */
export class UnansweredTarget {
  #toRestore: UnansweredToRestore | undefined;
  #warning: Warning | undefined;

  /** `recorded` is what an earlier attempt recorded before it turned off. */
  constructor(recorded: UnansweredToRestore | undefined) {
    this.#toRestore = recorded;
  }

  /** The target that is lost, or about to be, and not yet set again. */
  get toRestore(): UnansweredToRestore | undefined {
    return this.#toRestore;
  }

  get warnings(): readonly Warning[] {
    return this.#warning === undefined ? [] : [this.#warning];
  }

  /**
   * Drops a recorded target unless the settings are as a turning off leaves them: nothing active, and no target of the
   * user's own. Otherwise nothing was turned off, or the user has chosen anew since. Once this request may have written,
   * what is active tells nothing: it may be the ring that was set since, or not show the turning off yet. Nor does the
   * very target that is remembered: it may be shown from before, and is set once more.
   */
  check(
    { settings, unanswered, unansweredContact }: RingReading,
    { mayHaveWritten }: { readonly mayHaveWritten: boolean },
  ): void {
    const isLost = unanswered !== undefined && unanswered.target !== 'contact';
    const isTheSame = unansweredContact !== undefined && unansweredContact.uri === this.#toRestore?.target;
    if (mayHaveWritten ? isLost || isTheSame : isLost && settings.active === 'none') return;
    this.discard();
  }

  /** Nothing is to be set again. */
  discard(): void {
    this.#toRestore = undefined;
  }

  /** Notes the target that turning off will remove. Throws LinkMissingError where it could not be set again. */
  prepareTurningOff({ unanswered, unansweredContact }: RingReading): void {
    const shown = unanswered?.target ?? 'unknown';
    if (shown !== 'contact' && shown !== 'unknown') return;
    const target = unansweredContact?.uri;
    if (unanswered === undefined || shown === 'unknown' || target === undefined) {
      const detail =
        'UCWA does not show where unanswered calls go, so turning off loses that target: have the user choose it again.';
      this.#warning = { code: 'unanswered-lost', detail };
      return;
    }
    unanswered.resource.requireLink(rel.unansweredCallToContact);
    const { ringDelaySeconds } = unanswered;
    if (ringDelaySeconds === undefined) {
      const detail =
        "UCWA does not show after how many seconds unanswered calls go to the user's own target, so turning off sets another delay: have the user check it.";
      this.#warning = { code: 'unanswered-lost', detail };
    }
    this.#toRestore = { target, ...(ringDelaySeconds === undefined ? {} : { ringDelaySeconds }) };
  }

  /** Sets the target again. A refusal becomes a warning; other failures are thrown, for recovery to handle. */
  async restore(session: UcwaSession, { unanswered }: Pick<RingReading, 'unanswered'>): Promise<void> {
    if (this.#toRestore === undefined || unanswered === undefined) return;
    const { target, ringDelaySeconds } = this.#toRestore;
    try {
      await session.callForwarding.sendUnansweredTo(unanswered, target, ringDelaySeconds);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      this.giveUp(error.message);
    }
  }

  /** Returns whether the target shows; true where none was to be set again. */
  async isShown(session: UcwaSession, settings: ForwardingSettings): Promise<boolean> {
    if (this.#toRestore === undefined) return true;
    const shown = await session.callForwarding.readTargetIfAny(
      settings,
      rel.unansweredCallSettings,
      'read-back',
    );
    if (shown?.target !== 'contact') return false;
    this.discard();
    return true;
  }

  /** Replaces the target by a warning: it will not be set again. */
  giveUp(reason: string): void {
    [this.#warning] = this.warningsIfGivenUp(reason);
    this.discard();
  }

  /** Returns the warnings that giving up now would leave. */
  warningsIfGivenUp(reason: string): readonly Warning[] {
    if (this.#toRestore === undefined) return this.warnings;
    const detail = `The user's own target for unanswered calls was not set again: ${reason.replace(/\.$/, '')}. Have the user choose it again.`;
    return [{ code: 'unanswered-not-restored', detail }];
  }
}

/** True for a response of UCWA that refuses for good: repeating the request cannot help. */
export function isRefusal(error: unknown): error is UcwaResponseError | LinkMissingError {
  if (!(error instanceof UcwaResponseError || error instanceof LinkMissingError)) return false;
  return classify(error)?.steps.at(-1) === 'fail';
}
