import { HostConfigurationError } from '../app/configuration-error.ts';

/** A segment of a route template; literals are in lower case. */
export type Segment =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'parameter'; readonly name: string };

const rank = { literal: 0, parameter: 1 };

/**
 * Parses a template of literals and `{name}` parameters. Throws a `HostConfigurationError` for any other segment, such as
 * `{name?}`, `{*rest}`, `{id:int}` or `{name}.json`: the real host supports them, but no function here uses one.
 */
export function parseTemplate(template: string): Segment[] {
  return template.split('/').map((segment) => {
    if (!/[{}]/.test(segment)) return { kind: 'literal', text: segment.toLowerCase() };
    const [, name] = /^\{(\w+)\}$/.exec(segment) ?? [];
    if (name !== undefined) return { kind: 'parameter', name };
    throw new HostConfigurationError(
      `The route "${template}" has a segment "${segment}", which this host does not support: use text or {name}.`,
    );
  });
}

/** Returns the parameters of a path, which is split at its slashes; undefined when the path does not match. */
export function matchSegments(
  segments: readonly Segment[],
  path: readonly string[],
): Record<string, string> | undefined {
  if (path.length !== segments.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    const text = path[index];
    if (!text) return undefined;
    if (segment.kind === 'parameter') parameters[segment.name] = text;
    else if (text.toLowerCase() !== segment.text) return undefined;
  }
  return parameters;
}

/** Sorts the more specific template first. */
export function compareSegments(a: readonly Segment[], b: readonly Segment[]): number {
  for (const [index, segment] of a.entries()) {
    const other = b[index];
    if (!other) return 1;
    if (segment.kind !== other.kind) return rank[segment.kind] - rank[other.kind];
  }
  return a.length - b.length;
}

/** True when some path matches both templates. */
export function segmentsOverlap(a: readonly Segment[], b: readonly Segment[]): boolean {
  if (a.length !== b.length) return false;
  return a.every((first, index) => {
    const second = b[index];
    return first.kind !== 'literal' || second?.kind !== 'literal' || first.text === second.text;
  });
}
