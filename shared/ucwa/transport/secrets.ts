/** Digits that are worth hiding: as many as a short phone number has. */
export const numberMinDigits = 6;

/** What of a request may hold a secret. */
interface SentRequest {
  readonly url: URL;
  readonly token?: string;
  readonly json?: unknown;
  readonly form?: URLSearchParams;
}

/** What a session has sent that no error may show, in case a server echoes it: passwords, tokens, user names, numbers. */
export class SentSecrets {
  readonly #texts = new Set<string>();
  readonly #userNames = new Set<string>();

  /** Passwords, tokens, and the digits of targets. */
  get texts(): ReadonlySet<string> {
    return this.#texts;
  }

  get userNames(): ReadonlySet<string> {
    return this.#userNames;
  }

  /** Returns the same secrets without user names, for a text that is to name an address. */
  withoutUserNames(): SentSecrets {
    const secrets = new SentSecrets();
    for (const text of this.#texts) secrets.#texts.add(text);
    return secrets;
  }

  /** Notes what a request holds that must not come back in an error. */
  note({ token, form, json, url }: SentRequest): void {
    this.#add(this.#texts, token);
    this.#add(this.#texts, form?.get('password'));
    this.#add(this.#userNames, form?.get('username'));
    const digits = (targetOf(json) ?? url.searchParams.get('target') ?? '').replace(/\D/g, '');
    if (digits.length >= numberMinDigits) this.#texts.add(digits);
  }

  #add(secrets: Set<string>, text: string | null | undefined): void {
    if (text !== null && text !== undefined && text !== '') secrets.add(text);
  }
}

function targetOf(json: unknown): string | undefined {
  const hasTarget = typeof json === 'object' && json !== null && 'target' in json;
  return hasTarget && typeof json.target === 'string' ? json.target : undefined;
}
