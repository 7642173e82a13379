import { countOf, numberOf, outcomeHelp, outcomes } from './words.ts';

interface Counts {
  readonly counts: Readonly<Record<string, number>>;
}

/** The outcomes of a batch as one bar. The numbers beside it say the same in words. */
export function OutcomeBar({ counts }: Counts) {
  const shown = outcomes.filter((outcome) => (counts[outcome] ?? 0) > 0);
  const text = shown.map((outcome) => `${numberOf(counts[outcome] ?? 0)} ${outcome}`).join(', ');
  return (
    <div class="bar" role="img" aria-label={text === '' ? 'No entries yet' : text}>
      {shown.map((outcome) => (
        <span key={outcome} class={`segment ${outcome}`} style={{ flexGrow: String(counts[outcome] ?? 0) }} />
      ))}
    </div>
  );
}

interface Filter extends Counts {
  readonly chosen: string;
  readonly choose: (outcome: string) => void;
}

/** A button for each outcome that the batch has: the chosen one filters the table. */
export function OutcomeFilter({ counts, chosen, choose }: Filter) {
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const shown = outcomes.filter((outcome) => (counts[outcome] ?? 0) > 0 || outcome === chosen);
  return (
    <fieldset class="filter">
      <legend>Show</legend>
      <button type="button" aria-pressed={chosen === ''} onClick={() => choose('')}>
        all {numberOf(total)}
      </button>
      {shown.map((outcome) => (
        <button
          type="button"
          key={outcome}
          class={outcome}
          aria-pressed={chosen === outcome}
          title={outcomeHelp[outcome]}
          onClick={() => choose(outcome)}
        >
          {outcome} {numberOf(counts[outcome] ?? 0)}
        </button>
      ))}
    </fieldset>
  );
}

/** Says how far a batch has come. */
export function progressText(counts: Counts['counts'], entries: number): string {
  const open = (counts['pending'] ?? 0) + (counts['deferred'] ?? 0) + (counts['scheduled'] ?? 0);
  return `${numberOf(entries - open)} of ${countOf(entries, 'entry', 'entries')} ended`;
}
