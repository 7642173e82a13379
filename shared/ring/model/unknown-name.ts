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
    const list = index === 0 && known.length > 0 ? ` Allowed: ${known.join(', ')}.` : '';
    return `Unknown ${kind}: ${advice}${list}`;
  });
}

/** Returns the known name that is at most two edits away, in any case; undefined if none is. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const written = name.toLowerCase();
  const [nearest] = known
    // Names are compared only where their lengths are close: a sender may write one of thousands of characters.
    .filter((one) => Math.abs(one.length - written.length) <= maxEdits)
    .map((one) => ({ one, edits: editsBetween(written, one.toLowerCase()) }))
    .filter(({ edits }) => edits <= maxEdits && edits < written.length)
    .sort((a, b) => a.edits - b.edits);
  return nearest?.one;
}

/** Returns how many letters must be inserted, removed, replaced or swapped with the next to make one text of the other. */
export function editsBetween(a: string, b: string): number {
  const rows: (readonly number[])[] = [Array.from({ length: b.length + 1 }, (_, index) => index)];
  const at = (i: number, j: number) => rows[i]?.[j] ?? Number.POSITIVE_INFINITY;
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwapped = i > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwapped ? at(i - 2, j - 2) + 1 : Number.POSITIVE_INFINITY;
      row.push(Math.min(replaced, at(i - 1, j) + 1, (row[j - 1] ?? 0) + 1, swapped));
    }
    rows.push(row);
  }
  return at(a.length, b.length);
}
