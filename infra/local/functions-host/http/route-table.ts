import {
  compareSegments,
  matchSegments,
  parseTemplate,
  type Segment,
  segmentsOverlap,
} from './route-template.ts';

/** A template with its methods and what it leads to; `name` settles the order of templates that are equally exact. */
export interface RouteEntry<T> {
  readonly name: string;
  readonly template: string;
  readonly methods: readonly string[];
  readonly target: T;
}

/** Where a request goes, with the values of the route's parameters. */
export interface RouteMatch<T> {
  readonly target: T;
  readonly parameters: Record<string, string>;
}

interface Route<T> {
  readonly entry: RouteEntry<T>;
  readonly segments: readonly Segment[];
}

/**
 * Route templates of ASP.NET Core as functions use them: literals without regard to case, `{name}`, `{name?}`,
 * `{name=value}` and `{*rest}`; a constraint as in `{id:int}` is not checked. A literal goes before a parameter, and a
 * parameter before a rest. The real host instead tries the functions in the order of their names
 * (https://github.com/Azure/azure-functions-host/blob/dev/src/WebJobs.Script/Host/FunctionMetadataManager.cs), so apps
 * should have no two routes for one path: `ambiguities` names them.
 */
export class RouteTable<T> {
  readonly #routes: readonly Route<T>[];

  constructor(entries: readonly RouteEntry<T>[]) {
    this.#routes = entries
      .map((entry) => ({ entry, segments: parseTemplate(entry.template) }))
      .sort((a, b) => compareSegments(a.segments, b.segments) || compareNames(a, b));
  }

  /** The names of functions, in pairs, of which here the first gets the path and in the real host the second. */
  get ambiguities(): readonly (readonly [string, string])[] {
    return this.#routes.flatMap((first, index) =>
      this.#routes
        .slice(index + 1)
        .filter((second) => compareNames(first, second) > 0 && overlap(first, second))
        .map((second) => [first.entry.name, second.entry.name] as const),
    );
  }

  /** Finds the route of a decoded path (see `decodePath`); a trailing slash does not matter. */
  match(method: string, path: string): RouteMatch<T> | undefined {
    const parts = path.replace(/^\//, '').replace(/\/$/, '').split('/');
    for (const { entry, segments } of this.#routes) {
      if (!entry.methods.includes(method)) continue;
      const parameters = matchSegments(segments, parts);
      if (parameters) return { target: entry.target, parameters };
    }
    return undefined;
  }
}

/**
 * Decodes a path as Kestrel does before routing, once and with `%2F` left as it is: `alice%40contoso.com` reaches the
 * Node worker as `alice@contoso.com`, `a%2Fb` as `a%2Fb`, `a%252Fb` as `a%2Fb`. Bytes that are no UTF-8 stay encoded.
 */
export function decodePath(path: string): string {
  if (!path.includes('%')) return path;
  return path.replace(/(?:%[0-9a-f]{2})+/gi, (run) =>
    run
      .split(/(%2f)/i)
      .map((part) => (/^%2f$/i.test(part) ? part : decodeOrKeep(part)))
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
