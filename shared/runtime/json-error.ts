import { type JsonError, scanScalar, scanString, type TokenEnd } from './json-tokens.ts';

/** What may come next. */
type State = 'value' | 'first-item' | 'name' | 'first-name' | 'colon' | 'after-value';

type Container = '{' | '[';

const closing = { '{': '}', '[': ']' } as const;

/**
 * Returns the first place where a text stops being JSON; undefined where it is JSON. Takes time in proportion to the
 * length of the text, and no call stack however deep it nests.
 */
export function findJsonError(text: string): JsonError | undefined {
  const open: Container[] = [];
  let state: State = 'value';
  let offset = skipBlanks(text, 0);
  while (state !== 'after-value' || open.length > 0) {
    const step = takeStep(text, offset, state, open);
    if ('expected' in step) return step;
    state = step.state;
    offset = skipBlanks(text, step.end);
  }
  return offset === text.length ? undefined : { offset, expected: 'the end of the text' };
}

interface Step {
  readonly end: number;
  readonly state: State;
}

/** Takes one token. `open` are the objects and lists around it, the innermost last. */
function takeStep(text: string, offset: number, state: State, open: Container[]): Step | JsonError {
  const character = text.charAt(offset);
  switch (state) {
    case 'first-item':
    case 'first-name':
    case 'after-value': {
      const container = open.at(-1) ?? '[';
      if (character === closing[container]) {
        open.pop();
        return { end: offset + 1, state: 'after-value' };
      }
      if (state === 'first-item') return takeValue(text, offset, open);
      if (state === 'first-name') return takeName(text, offset);
      if (character !== ',') return { offset, expected: `a comma or ${closing[container]}` };
      return { end: offset + 1, state: container === '{' ? 'name' : 'value' };
    }
    case 'value':
      return takeValue(text, offset, open);
    case 'name':
      return takeName(text, offset);
    case 'colon':
      return character === ':' ? { end: offset + 1, state: 'value' } : { offset, expected: 'a colon' };
  }
}

function takeValue(text: string, offset: number, open: Container[]): Step | JsonError {
  const character = text.charAt(offset);
  if (character !== '{' && character !== '[') return stepTo('after-value', scanScalar(text, offset));
  open.push(character);
  return { end: offset + 1, state: character === '{' ? 'first-name' : 'first-item' };
}

function takeName(text: string, offset: number): Step | JsonError {
  if (text[offset] === '"') return stepTo('colon', scanString(text, offset));
  return { offset, expected: 'the name of a property in double quotes' };
}

function stepTo(state: State, end: TokenEnd): Step | JsonError {
  return typeof end === 'number' ? { end, state } : end;
}

function skipBlanks(text: string, start: number): number {
  let end = start;
  while (end < text.length && ' \t\n\r'.includes(text.charAt(end))) end += 1;
  return end;
}

/** Says where a text stops being JSON and what was expected there; empty where it is JSON. Repeats nothing of the text. */
export function describeJsonError(text: string): string {
  const error = findJsonError(text);
  if (error === undefined) return '';
  const before = text.slice(0, error.offset);
  const line = before.split('\n').length;
  const column = error.offset - before.lastIndexOf('\n');
  const what =
    error.offset === text.length
      ? `the text ends where ${error.expected} was expected`
      : `${error.expected} was expected`;
  return `line ${line}, column ${column}: ${what}`;
}
