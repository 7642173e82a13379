/** The most edits between an unknown name and the one that it is taken for. */
const maxEdits = 2;

/**
 * Describes names that a request must not have, each with the known name that it resembles, if any; the first also lists
 * all known names. Nothing advises to leave a name out: without a misspelt `dryRun` the request makes a real change.
 */
export function describeUnknown(
  kind: string,
  names: readonly string[],
  known: readonly string[],
): readonly string[] {
  return names.map((name, index) => {
    const nearest = nearestName(name, known);
    const advice = nearest === undefined ? 'check its spelling.' : `did you mean \`${nearest}\`?`;
    const list = index === 0 && known.length > 0 ? ` Known are ${known.join(', ')}.` : '';
    return `Unknown ${kind}: ${advice}${list}`;
  });
}

/** Returns the known name that is at most two edits away, in any case; undefined if none is. */
function nearestName(name: string, known: readonly string[]): string | undefined {
  const written = name.toLowerCase();
  const [nearest] = known
    // Names are compared only where their lengths are close: a sender may write one of thousands of characters.
    .filter((one) => Math.abs(one.length - written.length) <= maxEdits)
    .map((one) => ({ one, edits: editsBetween(written, one.toLowerCase()) }))
    .filter(({ edits }) => edits <= maxEdits && edits < written.length)
    .sort((a, b) => a.edits - b.edits);
  return nearest?.one;
}

/** Returns how many characters must be inserted, removed or replaced to make one text of the other. */
function editsBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, character] of [...a].entries()) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const replaced = (row[j] ?? 0) + (character === b[j] ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
