import type { Outcome, UcwaWords, Warning } from './outcome.ts';
import type { FoundState, RingState, UnansweredTarget } from './ring-state.ts';

/** The most characters of a detail that is stored. Servers and senders choose parts of it: host names, their own words. */
export const detailMaxLength = 2_000;

/** The most characters of any other text that is stored; valid ones are shorter. */
export const textMaxLength = 300;

/** The most headers of a server's diagnosis, and the most recovery steps, that are stored. */
const maxItems = 20;

/** Returns a text that storage takes: at most so many characters, and without half of one at its end. */
export function cutText(text: string, maxLength = textMaxLength): string {
  return text.slice(0, maxLength).toWellFormed();
}

/** Returns an outcome with every text cut, so that its record fits into a row, whatever servers and senders wrote. */
export function boundedOutcome(outcome: Outcome): Outcome {
  const common = {
    user: cutText(outcome.user),
    correlationId: cutText(outcome.correlationId),
    recovery: outcome.recovery.slice(0, maxItems),
    ...(outcome.target === undefined ? {} : { target: cutText(outcome.target) }),
  };
  if ('would' in outcome) {
    const previous = boundedState(outcome.previous);
    return { ...outcome, ...common, previous, ...boundedWarnings(outcome.warnings) };
  }
  if ('verified' in outcome) {
    const { previous } = outcome;
    const bounded = previous === undefined ? {} : { previous: boundedState(previous) };
    return { ...outcome, ...common, ...bounded, ...boundedWarnings(outcome.warnings) };
  }
  const detail = cutText(outcome.detail, detailMaxLength);
  if (outcome.outcome === 'cancelled' || outcome.outcome === 'scheduled')
    return { ...outcome, ...common, detail };
  const { ucwa } = outcome;
  return { ...outcome, ...common, detail, ...(ucwa === undefined ? {} : { ucwa: boundedWords(ucwa) }) };
}

const refusedDetail =
  'Storage refused the details of this outcome; the log holds the cause under its correlation id.';

/** Returns what tells how a request ended and nothing more, for where storage refuses the whole of an outcome. */
export function minimalOutcome(outcome: Outcome): Outcome {
  const { attempts, requests, endedAt } = outcome;
  const common = {
    user: cutText(outcome.user),
    correlationId: cutText(outcome.correlationId),
    attempts,
    requests,
    recovery: [],
    ...(endedAt === undefined ? {} : { endedAt }),
  };
  if ('would' in outcome) {
    const { would, dryRun, previous } = outcome;
    return { ...common, outcome: 'unchanged', dryRun, would, previous: { ring: previous.ring } };
  }
  if ('verified' in outcome) return { ...common, outcome: outcome.outcome, verified: outcome.verified };
  if (outcome.outcome === 'cancelled') return { ...common, outcome: 'cancelled', detail: refusedDetail };
  if (outcome.outcome === 'scheduled') {
    return { ...common, outcome: 'scheduled', nextTryAt: outcome.nextTryAt, detail: refusedDetail };
  }
  return { ...common, outcome: outcome.outcome, code: outcome.code, detail: refusedDetail };
}

function boundedWords({ status, code, subcode, diagnosis }: UcwaWords): UcwaWords {
  const headers = Object.entries(diagnosis ?? {}).slice(0, maxItems);
  return {
    status,
    ...(code === undefined ? {} : { code: cutText(code) }),
    ...(subcode === undefined ? {} : { subcode: cutText(subcode) }),
    ...(diagnosis === undefined
      ? {}
      : { diagnosis: Object.fromEntries(headers.map(([name, text]) => [cutText(name), cutText(text)])) }),
  };
}

function boundedWarnings(warnings: readonly Warning[] | undefined): { warnings?: readonly Warning[] } {
  if (warnings === undefined) return {};
  const some = warnings.slice(0, maxItems);
  return { warnings: some.map(({ code, detail }) => ({ code, detail: cutText(detail) })) };
}

function boundedState(state: RingState): RingState {
  const { forwarding, unanswered } = state;
  return {
    ...state,
    ...boundedTarget(state),
    ...(forwarding === undefined ? {} : { forwarding: { ...forwarding, ...boundedTarget(forwarding) } }),
    ...(unanswered === undefined ? {} : { unanswered: { ...unanswered, ...boundedTarget(unanswered) } }),
  };
}

function boundedTarget({ target }: Pick<UnansweredTarget, 'target'>): { target?: string } {
  return target === undefined ? {} : { target: cutText(target) };
}

/** Returns a state that was found with every text cut. */
export function boundedFound({ asWritten, ...state }: FoundState): FoundState {
  if (asWritten === undefined) return { ...state, ...boundedState(state) };
  const texts = Object.entries(asWritten).map(([name, text]) => [name, cutText(text)]);
  return { ...state, ...boundedState(state), asWritten: Object.fromEntries(texts) };
}
