import type { Step } from '../steps.ts';
import { resolveHref } from './href.ts';

/** The response that a link was found in. */
export interface LinkSource {
  readonly url: URL;
  readonly step: Step;
}

/** A URL that a server returned. It remembers which one and in which step, for the error where nothing may be sent to it. */
export class Link extends URL {
  readonly foundAtHost: string;
  readonly foundInStep: Step;

  constructor(url: URL, { url: { host }, step }: LinkSource) {
    super(url);
    this.foundAtHost = host;
    this.foundInStep = step;
  }
}

/** Resolves an href against the response that has it. Returns undefined where {@link resolveHref} does. */
export function resolveLink(href: string, source: LinkSource): Link | undefined {
  const url = resolveHref(href, source.url);
  return url && new Link(url, source);
}
