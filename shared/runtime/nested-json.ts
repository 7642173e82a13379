/**
 * Returns true if a value parsed from JSON nests objects and lists deeper than `limit` levels; an object or list that is
 * not inside another is the first level. Takes no call stack, however deep the value is.
 */
export function isDeeperThan(value: unknown, limit: number): boolean {
  let level = [value].filter(isContainer);
  for (let depth = 1; level.length > 0; depth += 1) {
    if (depth > limit) return true;
    level = level.flatMap((container) => Object.values(container).filter(isContainer));
  }
  return false;
}

/** Deeper values are written step by step: `JSON.stringify` calls itself for each level and runs out of stack. */
const stringifyLimit = 100;

/** Formats a value parsed from JSON as `JSON.stringify` does, however deep it is. */
export function formatJson(value: unknown): string {
  return isDeeperThan(value, stringifyLimit) ? formatDeep(value) : JSON.stringify(value);
}

type Container = readonly unknown[] | Readonly<Record<string, unknown>>;

/** What is still to be written: text as it is, or a value. */
type Piece = { readonly text: string } | { readonly value: unknown };

function formatDeep(value: unknown): string {
  const written: string[] = [];
  const stack: Piece[] = [{ value }];
  for (let piece = stack.pop(); piece !== undefined; piece = stack.pop()) {
    if ('text' in piece) written.push(piece.text);
    else if (!isContainer(piece.value)) written.push(JSON.stringify(piece.value) ?? 'null');
    else for (const next of piecesOf(piece.value).reverse()) stack.push(next);
  }
  return written.join('');
}

function piecesOf(container: Container): Piece[] {
  if (isList(container)) {
    const items = container.flatMap((value, index): Piece[] =>
      index === 0 ? [{ value }] : [{ text: ',' }, { value }],
    );
    return [{ text: '[' }, ...items, { text: ']' }];
  }
  const properties = Object.entries(container).filter(([, value]) => value !== undefined);
  const pieces = properties.flatMap(([name, value], index): Piece[] => [
    { text: `${index === 0 ? '' : ','}${JSON.stringify(name)}:` },
    { value },
  ]);
  return [{ text: '{' }, ...pieces, { text: '}' }];
}

function isList(container: Container): container is readonly unknown[] {
  return Array.isArray(container);
}

function isContainer(value: unknown): value is Container {
  return typeof value === 'object' && value !== null;
}
