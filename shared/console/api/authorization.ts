/** How the page shows the functions who is asking. */
export interface Authorization {
  /** The headers that each request carries. */
  headers(): Promise<Readonly<Record<string, string>>>;
}

/** A function key. It is kept in memory only, so it is gone when the page is closed or loaded anew. */
export class KeyAuthorization implements Authorization {
  #key: string | undefined;

  /** True once a key was given. */
  get hasKey(): boolean {
    return this.#key !== undefined;
  }

  use(key: string): void {
    this.#key = key.trim() === '' ? undefined : key.trim();
  }

  async headers(): Promise<Readonly<Record<string, string>>> {
    return this.#key === undefined ? {} : { 'x-functions-key': this.#key };
  }
}
