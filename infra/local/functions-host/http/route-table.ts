import {
  compareSegments,
  matchSegments,
  parseTemplate,
  type Segment,
  segmentsOverlap,
} from './route-template.ts';

/** A route template with its methods and target; `name` orders templates that are equally specific. */
export interface RouteEntry<T> {
  readonly name: string;
  readonly template: string;
  readonly methods: readonly string[];
  readonly target: T;
}

/** The target of a request, with the values of the route's parameters. */
export interface RouteMatch<T> {
  readonly target: T;
  readonly parameters: Record<string, string>;
}

interface Route<T> {
  readonly entry: RouteEntry<T>;
  readonly segments: readonly Segment[];
}

/**
 * Routes as in ASP.NET Core: literals are compared without case, and a literal goes before a parameter. The real host
 * instead tries the functions in the order of their names
 * (https://github.com/Azure/azure-functions-host/blob/dev/src/WebJobs.Script/Host/FunctionMetadataManager.cs). An app should
 * therefore not have two routes that match the same path: `ambiguities` names them.
 */
export class RouteTable<T> {
  readonly #routes: readonly Route<T>[];

  constructor(entries: readonly RouteEntry<T>[]) {
    this.#routes = entries
      .map((entry) => ({ entry, segments: parseTemplate(entry.template) }))
      .sort((a, b) => compareSegments(a.segments, b.segments) || compareNames(a, b));
  }

  /** Pairs of function names that match the same path: this host calls the first of a pair, the real host the second. */
  get ambiguities(): readonly (readonly [string, string])[] {
    return this.#routes.flatMap((first, index) =>
      this.#routes
        .slice(index + 1)
        .filter((second) => compareNames(first, second) > 0 && overlap(first, second))
        .map((second) => [first.entry.name, second.entry.name] as const),
    );
  }

  /** Finds the route of a decoded path (see {@link decodePath}); a trailing slash is ignored. */
  match(method: string, path: string): RouteMatch<T> | undefined {
    const segments = path.replace(/^\//, '').replace(/\/$/, '').split('/');
    for (const route of this.#routes) {
      if (!route.entry.methods.includes(method)) continue;
      const parameters = matchSegments(route.segments, segments);
      if (parameters) return { target: route.entry.target, parameters };
    }
    return undefined;
  }
}

/**
 * Decodes a path once, as Kestrel does before routing, but leaves `%2F` as it is: `alice%40contoso.com` reaches the Node
 * worker as `alice@contoso.com`, `a%2Fb` as `a%2Fb`, `a%252Fb` as `a%2Fb`. Bytes that are not UTF-8 stay encoded.
 */
export function decodePath(path: string): string {
  if (!path.includes('%')) return path;
  return path.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) =>
    escapes
      .split(/(%2f)/i)
      .map((text) => (/^%2f$/i.test(text) ? text : decodeOrKeep(text)))
      .join(''),
  );
}

function decodeOrKeep(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function compareNames<T>(a: Route<T>, b: Route<T>): number {
  const [first, second] = [a.entry.name.toLowerCase(), b.entry.name.toLowerCase()];
  return first < second ? -1 : Number(first > second);
}

function overlap<T>(a: Route<T>, b: Route<T>): boolean {
  const shareMethods = a.entry.methods.some((method) => b.entry.methods.includes(method));
  return shareMethods && segmentsOverlap(a.segments, b.segments);
}
