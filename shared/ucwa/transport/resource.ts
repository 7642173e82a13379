import * as z from 'zod';
import { parseJson } from '../../runtime/json.ts';
import { LinkMissingError, UnexpectedContentError } from '../errors.ts';
import type { Rel, Step } from '../vocabulary.ts';
import { resolveHref } from './href.ts';
import type { UcwaAnswer } from './transport.ts';

const bodyForm = z.record(z.string(), z.unknown());
const linkForm = z.object({ href: z.string() });

/**
 * A representation that UCWA gave: its properties, its links and what is embedded in it, each with the URL that it was
 * found at. What is not known is kept and passed over. https://learn.microsoft.com/skype-sdk/ucwa/weblinks
 */
export class Resource {
  readonly #body: Record<string, unknown>;
  readonly #foundAt: URL;
  readonly #step: Step;

  constructor(body: Record<string, unknown>, foundAt: URL, step: Step) {
    this.#body = body;
    this.#foundAt = foundAt;
    this.#step = step;
  }

  get host(): string {
    return this.#foundAt.host;
  }

  /** A property that is text; undefined where there is none. */
  text(name: string): string | undefined {
    const value = this.#body[name];
    return typeof value === 'string' ? value : undefined;
  }

  /** A property that is a number; undefined where there is none. */
  number(name: string): number | undefined {
    const value = this.#body[name];
    return typeof value === 'number' ? value : undefined;
  }

  /** Where a link leads; undefined where it is absent. Throws {@link UnexpectedContentError} for one that is no URL. */
  link(name: Rel): URL | undefined {
    const value = this.#part('_links')[name];
    if (value === undefined || value === null) return undefined;
    const link = linkForm.safeParse(value);
    const url = link.success ? resolveHref(link.data.href, this.#foundAt) : undefined;
    if (url === undefined) throw this.#unusable(`the link ${name} is no URL`);
    return url;
  }

  /** Where a link leads that users have or have not. Throws {@link LinkMissingError} where it is absent. */
  requireLink(name: Rel): URL {
    const url = this.link(name);
    if (url === undefined) throw new LinkMissingError(this.#step, this.host, name);
    return url;
  }

  /** Where a link leads without which this is no such resource. Throws {@link UnexpectedContentError} where it is absent. */
  promisedLink(name: Rel): URL {
    const url = this.link(name);
    if (url === undefined) throw this.#unusable(`there is no link ${name}`);
    return url;
  }

  /** What is embedded under a relation; undefined where it is not. */
  embedded(name: Rel): Resource | undefined {
    const value = this.#part('_embedded')[name];
    if (value === undefined || value === null) return undefined;
    const body = bodyForm.safeParse(value);
    if (!body.success) throw this.#unusable(`what is embedded as ${name} is no resource`);
    return new Resource(body.data, this.#foundAt, this.#step);
  }

  #part(name: '_links' | '_embedded'): Record<string, unknown> {
    const part = bodyForm.safeParse(this.#body[name] ?? {});
    if (!part.success) throw this.#unusable(`its ${name} are no object`);
    return part.data;
  }

  #unusable(what: string): UnexpectedContentError {
    return new UnexpectedContentError(this.#step, this.host, what);
  }
}

/** Reads the representation in a successful answer. Throws {@link UnexpectedContentError} where there is none. */
export function parseResource(answer: UcwaAnswer): Resource {
  const body = bodyForm.safeParse(parseJson(answer.text));
  if (!body.success) throw new UnexpectedContentError(answer.step, answer.url.host, 'it is no JSON object');
  return new Resource(body.data, answer.url, answer.step);
}
