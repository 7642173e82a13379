import { useState } from 'preact/hooks';

/** The pages of a list that were looked at: their URLs, the first being that of the list itself. */
export interface Pages {
  /** The URL of the page that is shown. */
  readonly url: string;
  readonly number: number;
  readonly forward: (next: string) => void;
  readonly back: () => void;
}

/** Returns the pages of the list at `first`; another list starts at its first page. */
export function usePages(first: string): Pages {
  const [state, setState] = useState({ first, later: [] as readonly string[] });
  const later = state.first === first ? state.later : [];
  return {
    url: later.at(-1) ?? first,
    number: later.length + 1,
    forward: (next) => setState({ first, later: [...later, next] }),
    back: () => setState({ first, later: later.slice(0, -1) }),
  };
}

/** Goes through a list page by page. Shows nothing where there is one page only. */
export function Pager({ pages, next, label }: { pages: Pages; next: string | undefined; label: string }) {
  if (pages.number === 1 && next === undefined) return null;
  return (
    <nav class="pager" aria-label={label}>
      <button type="button" class="secondary" disabled={pages.number === 1} onClick={pages.back}>
        Previous page
      </button>
      <span>Page {pages.number}</span>
      <button
        type="button"
        class="secondary"
        disabled={next === undefined}
        onClick={() => next !== undefined && pages.forward(next)}
      >
        Next page
      </button>
    </nav>
  );
}
