/** Returns JSON text of lists or objects inside of each other, as many levels as asked for, around an innermost value. */
export function nestedJson(levels: number, kind: 'list' | 'object' = 'list', innermost = '1'): string {
  const [open, close] = kind === 'list' ? ['[', ']'] : ['{"a":', '}'];
  return `${open.repeat(levels)}${innermost}${close.repeat(levels)}`;
}
