import { type Answer, jsonAnswer } from '../exchange/answer.ts';
import type { Variants } from '../types.ts';

export type Representation = Readonly<Record<string, unknown>>;

/** A resource before it is serialised; hrefs are complete. */
export interface Resource {
  readonly rel: string;
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly links: Readonly<Record<string, string>>;
  readonly embedded?: Readonly<Record<string, Representation>>;
}

/** A property with an unpredictable name, which a PUT must send back. */
export const passThroughName = '2f8d1c04-6b7e-4c55-9a3b-0e6f1d2c7a90';
export const passThroughValue = 'please pass this in a PUT request';

/** Returns a resource in UCWA's JSON form. */
export function represent(resource: Resource, variants: Variants): Representation {
  const links: Record<string, object> = {};
  for (const [rel, href] of Object.entries(resource.links)) links[rel] = { href };
  const embedded = resource.embedded === undefined ? {} : { _embedded: resource.embedded };
  if (!variants.unknownProperties) {
    return { rel: resource.rel, ...resource.properties, _links: links, ...embedded };
  }
  return {
    rel: resource.rel,
    ...resource.properties,
    [passThroughName]: passThroughValue,
    somethingNew: { enabled: true, values: [1, null, 'two'] },
    _links: {
      ...links,
      somethingNew: { href: '/ucwa/oauth/v1/somethingNew', revision: '2', templated: false },
    },
    ...embedded,
  };
}

/** Returns 200 with a resource. */
export function resourceAnswer(resource: Resource, variants: Variants): Answer {
  return jsonAnswer(200, represent(resource, variants), variants);
}
