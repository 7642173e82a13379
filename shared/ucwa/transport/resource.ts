import * as z from 'zod';
import { isJsonObject, parseJson } from '../../runtime/json.ts';
import { LinkMissingError, UnexpectedContentError } from '../errors.ts';
import type { Step } from '../steps.ts';
import type { Rel } from '../vocabulary.ts';
import { type LinkSource, resolveLink } from './link.ts';
import type { UcwaResponse } from './transport.ts';

const linkSchema = z.object({ href: z.string() });

/**
 * A resource as UCWA represented it: properties, links and embedded resources. Links are resolved against the URL of the
 * response. Unknown properties and links are ignored. https://learn.microsoft.com/skype-sdk/ucwa/weblinks
 */
export class Resource {
  readonly #body: Readonly<Record<string, unknown>>;
  readonly #source: LinkSource;
  readonly #etag: string | undefined;

  /** `etag` is that of the response, in quotes; an embedded resource has its own in its body. */
  constructor(body: Readonly<Record<string, unknown>>, foundAt: URL, step: Step, etag?: string) {
    this.#body = body;
    this.#source = { url: foundAt, step };
    this.#etag = etag;
  }

  get host(): string {
    return this.#source.url.host;
  }

  /** Returns a text property, or undefined if the resource has none of this name. */
  text(name: string): string | undefined {
    const value = this.#body[name];
    return typeof value === 'string' ? value : undefined;
  }

  /** Tells whether the resource has a property of this name, of any type. */
  has(name: string): boolean {
    return this.#body[name] !== undefined && this.#body[name] !== null;
  }

  /** Returns a property that is a whole number from 0 to a day's seconds, or undefined if the resource has no such number. */
  seconds(name: string): number | undefined {
    const value = this.#body[name];
    const isSeconds = typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 86_400;
    return isSeconds ? value : undefined;
  }

  /** Returns all properties as they came, those that nobody here knows too: a PUT must give every one back. */
  properties(): Readonly<Record<string, unknown>> {
    const { _links, _embedded, ...properties } = this.#body;
    return properties;
  }

  /**
   * Returns the etag for `If-Match`, in quotes: servers answer 428 without them. Throws {@link UnexpectedContentError} if the
   * resource has none. https://learn.microsoft.com/skype-sdk/ucwa/conditionalrequests
   */
  requireEtag(): string {
    const etag = this.#etag ?? this.text('etag');
    if (etag === undefined || etag === '') throw this.unusable('it has no etag');
    return etag.includes('"') ? etag : `"${etag}"`;
  }

  /** Returns a link, or undefined if it is absent. Throws {@link UnexpectedContentError} if its href is not a valid URL. */
  link(name: Rel): URL | undefined {
    const value = this.#section('_links')[name];
    if (value === undefined || value === null) return undefined;
    const link = linkSchema.safeParse(value);
    const url = link.success ? resolveLink(link.data.href, this.#source) : undefined;
    if (url === undefined) throw this.unusable(`its link ${name} is not a valid URL`);
    return url;
  }

  /** Returns a link that not every user has. Throws {@link LinkMissingError} if it is absent. */
  requireLink(name: Rel): URL {
    const url = this.link(name);
    if (url === undefined) throw new LinkMissingError(this.#source.step, this.host, name);
    return url;
  }

  /** Returns a link that the reference promises to every user. Throws {@link UnexpectedContentError} if it is absent. */
  promisedLink(name: Rel): URL {
    const url = this.link(name);
    if (url === undefined) throw this.unusable(`it has no link ${name}`);
    return url;
  }

  /** Returns the resource embedded under a relation, or undefined if none is. */
  embedded(name: Rel): Resource | undefined {
    const value = this.#section('_embedded')[name];
    if (value === undefined || value === null) return undefined;
    if (!isJsonObject(value)) throw this.unusable(`its embedded ${name} is not a resource`);
    return new Resource(value, this.#source.url, this.#source.step);
  }

  /** Returns the error for a resource that cannot be used; `problem` completes "unusable content: …". */
  unusable(problem: string): UnexpectedContentError {
    return new UnexpectedContentError(this.#source.step, this.host, problem);
  }

  #section(name: '_links' | '_embedded'): Readonly<Record<string, unknown>> {
    const section = this.#body[name] ?? {};
    if (!isJsonObject(section)) throw this.unusable(`its ${name} is not an object`);
    return section;
  }
}

/** Parses the resource in a successful response. Throws {@link UnexpectedContentError} if the body is not a JSON object. */
export function parseResource(response: UcwaResponse): Resource {
  const body = parseJson(response.text);
  if (!isJsonObject(body)) {
    throw new UnexpectedContentError(response.step, response.url.host, 'it is not a JSON object');
  }
  return new Resource(body, response.url, response.step, response.headers.get('etag') ?? undefined);
}
