const width = 40;

/** Shows the progress of a batch: a bar on a terminal, a line for each change elsewhere. */
export class Progress {
  readonly #out: NodeJS.WriteStream;
  #shown = -1;

  constructor(out: NodeJS.WriteStream) {
    this.#out = out;
  }

  show(done: number, of: number): void {
    if (this.#out.isTTY) {
      const filled = of === 0 ? 0 : Math.round((width * done) / of);
      this.#out.write(`\r  [${'█'.repeat(filled)}${'·'.repeat(width - filled)}] ${done} of ${of}`);
    } else if (done !== this.#shown) {
      this.#out.write(`  ${done} of ${of}\n`);
    }
    this.#shown = done;
  }

  end(): void {
    if (this.#out.isTTY) this.#out.write('\n');
  }
}
