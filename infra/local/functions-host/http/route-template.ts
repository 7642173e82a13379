import { HostConfigurationError } from '../app/host-json.ts';

/** A part of a route template between slashes; literals are in lower case. */
export type Segment =
  | { readonly kind: 'literal'; readonly text: string }
  | {
      readonly kind: 'parameter';
      readonly name: string;
      readonly optional: boolean;
      readonly fallback?: string;
    }
  | { readonly kind: 'rest'; readonly name: string; readonly fallback?: string };

const rank = { literal: 0, parameter: 1, rest: 2 };
const parameterPattern = /^\{(\*{0,2})([^{}*?:=]+)(?::[^{}=?]*(?:\([^{}]*\))?)*(\?|=[^{}]*)?\}$/;

/** Reads a template; throws a `HostConfigurationError` for a segment of another kind, such as `{name}.json`. */
export function parseTemplate(template: string): Segment[] {
  return template.split('/').map((part, index, parts) => {
    if (!/[{}]/.test(part)) return { kind: 'literal', text: part.toLowerCase() };
    const [, stars, name, ending] = parameterPattern.exec(part) ?? [];
    if (name === undefined || (stars && index < parts.length - 1)) {
      throw new HostConfigurationError(
        `The route "${template}" has a segment "${part}" that this host does not know.`,
      );
    }
    const fallback = ending?.startsWith('=') ? { fallback: ending.slice(1) } : {};
    return stars
      ? { kind: 'rest', name, ...fallback }
      : { kind: 'parameter', name, optional: ending !== undefined, ...fallback };
  });
}

/** The parameters of a path that fits, split at its slashes. */
export function matchSegments(
  segments: readonly Segment[],
  parts: readonly string[],
): Record<string, string> | undefined {
  const parameters: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    if (segment.kind === 'rest') {
      const rest = parts.slice(index).join('/') || segment.fallback;
      if (rest) parameters[segment.name] = rest;
      return parameters;
    }
    const part = parts[index];
    if (segment.kind === 'literal') {
      if (part?.toLowerCase() !== segment.text) return undefined;
    } else if (part) {
      parameters[segment.name] = part;
    } else if (!segment.optional || part !== undefined) {
      return undefined;
    } else if (segment.fallback !== undefined) {
      parameters[segment.name] = segment.fallback;
    }
  }
  return parts.length > segments.length ? undefined : parameters;
}

/** Sorts the more exact template first. */
export function compareSegments(a: readonly Segment[], b: readonly Segment[]): number {
  for (const [index, segment] of a.entries()) {
    const other = b[index];
    if (!other) return 1;
    if (segment.kind !== other.kind) return rank[segment.kind] - rank[other.kind];
  }
  return a.length - b.length;
}

/** True when some path fits both. */
export function segmentsOverlap(a: readonly Segment[], b: readonly Segment[]): boolean {
  const length = Math.max(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const [first, second] = [a[index], b[index]];
    if (first?.kind === 'rest' || second?.kind === 'rest') return true;
    if (!isOptional(first) || !isOptional(second)) {
      if (!first || !second) return isOptional(first ?? second);
      if (first.kind === 'literal' && second.kind === 'literal' && first.text !== second.text) return false;
    }
  }
  return true;
}

function isOptional(segment: Segment | undefined): boolean {
  return segment?.kind === 'parameter' && segment.optional;
}
