/** Where a command writes: results to `print`, what happens meanwhile to `note`. */
export interface Terminal {
  print(text: string): void;
  note(text: string): void;
  /** Shows how far the work is, in the place of what was shown before. Does nothing where nobody watches. */
  progress(text: string): void;
}

/** The process's own output. Progress is shown only where that is a terminal. */
export function processTerminal(out: NodeJS.WriteStream, err: NodeJS.WriteStream): Terminal {
  let shown = 0;
  const clear = () => {
    if (shown > 0) err.write(`\r${' '.repeat(shown)}\r`);
    shown = 0;
  };
  return {
    print: (text) => {
      clear();
      out.write(`${text}\n`);
    },
    note: (text) => {
      clear();
      err.write(`${text}\n`);
    },
    progress: (text) => {
      if (!err.isTTY) return;
      const line = text.slice(0, Math.max(20, (err.columns ?? 80) - 1));
      err.write(`\r${line.padEnd(shown)}`);
      shown = line.length;
    },
  };
}
