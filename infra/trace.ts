import { existsSync, readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { posix } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { type Unzipped, unzipSync } from 'fflate';
import * as z from 'zod';

/** A place in a file of the package, as stacks name it, whatever folder Azure unpacked it to. */
const place = /(?:file:\/\/)?[^\s()"']*?\b(dist\/(?:functions|chunks)\/[\w-]+\.js):(\d+):(\d+)/g;

const payloadSchema = z.object({
  version: z.literal(3),
  file: z.string().default(''),
  sources: z.array(z.string()),
  names: z.array(z.string()),
  mappings: z.string(),
});

/** Maps the lines of a stack from files of the package to sources. Makes each map once. */
export class Tracer {
  readonly #maps: Unzipped;
  readonly #read = new Map<string, SourceMap | undefined>();

  /** `maps` is the zip of source maps that was made with the package. */
  constructor(maps: Uint8Array) {
    this.#maps = unzipSync(maps);
  }

  /**
   * Returns the text with each place in the package replaced by file, line and column of the sources; a log line as JSON
   * works as well as a stack. A place that the maps do not know stays as it is, and is named in `unknown`.
   */
  map(trace: string): { readonly text: string; readonly unknown: readonly string[] } {
    const unknown: string[] = [];
    const mapped = trace.replace(place, (whole, file: string, line: string, column: string) => {
      const source = this.#find(file, Number(line), Number(column));
      if (source === undefined) unknown.push(`${file}:${line}:${column}`);
      return source ?? whole;
    });
    return { text: mapped, unknown };
  }

  #find(file: string, line: number, column: number): string | undefined {
    const entry = this.#mapOf(file)?.findEntry(line - 1, column - 1);
    if (entry === undefined || !('originalSource' in entry)) return undefined;
    const source = posix.join(posix.dirname(file), entry.originalSource);
    return `${source}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
  }

  #mapOf(file: string): SourceMap | undefined {
    const known = this.#read.get(file);
    if (known !== undefined) return known;
    const bytes = this.#maps[`${file}.map`];
    if (bytes === undefined) return undefined;
    const payload = payloadSchema.parse(JSON.parse(Buffer.from(bytes).toString()));
    const map = new SourceMap({ ...payload, sourcesContent: [], sourceRoot: '' });
    this.#read.set(file, map);
    return map;
  }
}

const usage = `npm run trace -- trace.txt [simultaneous-ring-maps.zip]
Reads the trace from standard input if no file is named, or -. The maps are those in dist/ by default.`;

async function run([trace = '-', mapsFile, ...more]: readonly string[]): Promise<number> {
  const maps = mapsFile ?? fileURLToPath(new URL('../dist/simultaneous-ring-maps.zip', import.meta.url));
  if (more.length > 0 || trace.startsWith('--')) return refuse(usage);
  if (trace !== '-' && !existsSync(trace)) return refuse(`There is no file ${trace}.\n${usage}`);
  if (!existsSync(maps)) return refuse(`There is no file ${maps}: npm run package makes it.\n${usage}`);
  const content = trace === '-' ? await text(process.stdin) : readFileSync(trace, 'utf8');
  const { text: mapped, unknown } = new Tracer(readFileSync(maps)).map(content);
  console.log(mapped.trimEnd());
  if (unknown.length === 0) return 0;
  return refuse(
    `These places are in no map: ${unknown.join(', ')}. The package was made of other sources: check out the version that runs, and run npm ci && npm run package.`,
  );
}

function refuse(reason: string): 1 {
  console.error(reason);
  return 1;
}

if (import.meta.main) process.exitCode = await run(process.argv.slice(2));
