import { numberMinDigits, type SentSecrets } from './secrets.ts';

/** So many characters of a secret in a row are hidden, since servers cut what they echo. */
const partLength = 8;

/** A shorter secret is hidden only where it stands alone: its letters occur in many words. */
const wordLength = 4;

/** What stands in a text for something hidden. */
const marks = { secret: '[secret]', user: '[user]', number: '[number]' } as const;

/**
 * Hides in a text of a server what must not get into errors: what the session sent, whole or in part, in any case and as
 * forms, JSON and HTML escape it; whatever looks like a token; and digits that may be a phone number, whatever separates
 * them. Takes time in proportion to the length of the text.
 */
export function mask(text: string, secrets: SentSecrets | undefined): string {
  const written = maskSecrets(maskTokens(text), secrets);
  const decoded = maskSecrets(maskTokens(decodeEscapes(written)), secrets);
  return maskNumbers(decoded.replaceAll(/(?:\[secret\])+/g, marks.secret));
}

/** Tells whether a single word of a server holds something that the session sent. */
export function holdsSecret(word: string, secrets: SentSecrets | undefined): boolean {
  return maskSecrets(word, secrets) !== word;
}

/** Hides what looks like a token, known or not. */
function maskTokens(text: string): string {
  return text.replaceAll(/(?:cwt=|Bearer )[^\s"';,]+/gi, marks.secret);
}

function maskSecrets(text: string, secrets: SentSecrets | undefined): string {
  if (secrets === undefined) return text;
  const folded = foldCase(text);
  const hidden = new Hidden(text);
  for (const secret of secrets.texts) {
    for (const form of formsOf(secret)) hideSecret(hidden, folded, foldCase(form));
  }
  for (const name of secrets.userNames) {
    for (const form of formsOf(name)) hideAll(hidden, folded, foldCase(form), 'user');
    hideWords(hidden, folded, foldCase(accountOf(name)), 'user');
  }
  return hidden.text();
}

/** Returns the name of an account without its domain: `alice` of `CONTOSO\alice` and of `alice@contoso.com`. */
function accountOf(userName: string): string {
  const account = userName.slice(userName.lastIndexOf('\\') + 1);
  const at = account.indexOf('@');
  return at < 0 ? account : account.slice(0, at);
}

function hideSecret(hidden: Hidden, text: string, secret: string): void {
  if (secret.length < wordLength) hideWords(hidden, text, secret, 'secret');
  else if (secret.length < partLength) hideAll(hidden, text, secret, 'secret');
  else hideParts(hidden, text, secret);
}

/** Hides every part of a secret that is long enough. */
function hideParts(hidden: Hidden, text: string, secret: string): void {
  const parts = new Set<string>();
  for (let at = 0; at + partLength <= secret.length; at++) parts.add(secret.slice(at, at + partLength));
  for (let at = 0; at + partLength <= text.length; at++) {
    if (parts.has(text.slice(at, at + partLength))) hidden.hide(at, at + partLength, 'secret');
  }
}

function hideAll(hidden: Hidden, text: string, secret: string, kind: 'secret' | 'user'): void {
  for (let at = text.indexOf(secret); at >= 0; at = text.indexOf(secret, at + secret.length)) {
    hidden.hide(at, at + secret.length, kind);
  }
}

/** Hides a secret where neither a letter nor a digit stands before or after it. */
function hideWords(hidden: Hidden, text: string, secret: string, kind: 'secret' | 'user'): void {
  if (secret === '') return;
  for (let at = text.indexOf(secret); at >= 0; at = text.indexOf(secret, at + secret.length)) {
    const end = at + secret.length;
    const standsAlone = !isAlphanumeric(text[at - 1]) && !isAlphanumeric(text[end]);
    if (standsAlone) hidden.hide(at, end, kind);
  }
}

/** A text some of whose characters are to be hidden. */
class Hidden {
  readonly #text: string;
  readonly #kinds: ('secret' | 'user' | undefined)[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  hide(from: number, to: number, kind: 'secret' | 'user'): void {
    for (let at = from; at < to; at++) this.#kinds[at] ??= kind;
  }

  /** Returns the text with one mark for the characters that are hidden in a row. */
  text(): string {
    let shown = '';
    let before: 'secret' | 'user' | undefined;
    for (let at = 0; at < this.#text.length; at++) {
      const kind = this.#kinds[at];
      if (kind === undefined) shown += this.#text[at];
      else if (kind !== before) shown += marks[kind];
      before = kind;
    }
    return shown;
  }
}

/** Hides runs of digits that no letter interrupts. */
function maskNumbers(text: string): string {
  let shown = '';
  let copied = 0;
  let run = { from: 0, to: 0, digits: 0 };
  const endRun = () => {
    if (run.digits >= numberMinDigits) {
      shown += text.slice(copied, run.from) + marks.number;
      copied = run.to;
    }
    run = { from: 0, to: 0, digits: 0 };
  };
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? '';
    if (isDigit(character)) {
      const from = run.digits > 0 ? run.from : at - (text[at - 1] === '+' ? 1 : 0);
      run = { from, to: at + 1, digits: run.digits + 1 };
    } else if (isLetter(character)) endRun();
  }
  endRun();
  return shown + text.slice(copied);
}

/** The forms in which a server may echo a text. Percent escapes are decoded in the server's text instead. */
function formsOf(text: string): ReadonlySet<string> {
  const html = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return new Set([
    text,
    text.replaceAll(' ', '+'),
    JSON.stringify(text).slice(1, -1),
    html,
    html.replaceAll('"', '&quot;').replaceAll("'", '&#39;'),
  ]);
}

/** Decodes percent escapes of ASCII characters, also where they were escaped twice. Control characters become blanks. */
function decodeEscapes(text: string): string {
  let decoded = text;
  for (let times = 0; times < 3 && decoded.includes('%'); times++) {
    decoded = decoded.replaceAll(/%([0-7][0-9a-f])/gi, (_, hex: string) => {
      const code = Number.parseInt(hex, 16);
      return code < 0x20 || code === 0x7f ? ' ' : String.fromCharCode(code);
    });
  }
  return decoded;
}

/** Lower case for ASCII alone, so that every character keeps its place. */
function foldCase(text: string): string {
  return text.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

const isDigit = (character = ''): boolean => character >= '0' && character <= '9';
const isLetter = (character = ''): boolean => /\p{L}/u.test(character);
const isAlphanumeric = (character = ''): boolean => isDigit(character) || isLetter(character);
