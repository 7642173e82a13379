import * as z from 'zod';
import { parseJson } from '../../../shared/runtime/json.ts';
import {
  type FailedEntry,
  type FileToSend,
  type Judged,
  type Progress,
  RefusedError,
  type Sender,
  UnreachableError,
} from './sender.ts';
import { placeOf } from './texts.ts';

const wrongSchema = z.object({
  line: z.number().optional(),
  entry: z.number().optional(),
  column: z.string().optional(),
  detail: z.string(),
});

const judgedSchema = z.object({
  batch: z.string(),
  entries: z.number(),
  rejected: z.object({ count: z.number(), first: z.array(wrongSchema) }),
  ignoredColumns: z.array(z.string()).optional(),
  existing: z.boolean().optional(),
});

const progressSchema = z.object({
  entries: z.number(),
  finished: z.boolean(),
  cancelled: z.boolean().optional(),
  nextTryAt: z.string().optional(),
  counts: z.record(z.string(), z.number()),
});

const pageSchema = z.object({
  outcomes: z.array(
    z.object({
      user: z.string(),
      ref: z.string().optional(),
      outcome: z.string().optional(),
      code: z.string().optional(),
      detail: z.string().optional(),
    }),
  ),
  next: z.string().optional(),
});

const problemSchema = z.object({
  title: z.string().optional(),
  code: z.string().optional(),
  detail: z.string().optional(),
  errors: z.array(wrongSchema).optional(),
});

/** An upload of 32 MiB may take long; a connection that hangs must not last for ever. */
const requestLimitMs = 180_000;

/** The most failed entries that are asked for at once. */
const pageLimit = 1_000;

const wantsKey =
  'The functions do not accept the key. Put a function key into the environment variable SIMRING_KEY, or into a file for --key-file: `az functionapp keys list` shows the keys of an app.';

const wantsToken =
  'The functions ask for a token of their tenant, and there is none, or not a valid one any more. Put one into the environment variable SIMRING_TOKEN: `az account get-access-token --resource CLIENT_ID --query accessToken -o tsv` prints one, where CLIENT_ID is the ENTRA_CLIENT_ID of the app; or send with --queue.';

/** Sends over HTTPS to the functions, which put the batch on the queue. */
export class HttpSender implements Sender {
  readonly #url: URL;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #fetch: typeof fetch;
  readonly #signal: AbortSignal;

  /** `headers` show who is asking. */
  constructor(options: {
    url: URL;
    headers: Readonly<Record<string, string>>;
    fetch: typeof fetch;
    signal: AbortSignal;
  }) {
    this.#url = options.url;
    this.#headers = options.headers;
    this.#fetch = options.fetch;
    this.#signal = options.signal;
  }

  async judge(file: FileToSend): Promise<Judged> {
    return await this.#upload(file, { validate: 'true' });
  }

  async send(file: FileToSend): Promise<Judged> {
    return await this.#upload(file, {});
  }

  async progress(batch: string): Promise<Progress | undefined> {
    const response = await this.#request('GET', `${pathOf(batch)}?limit=1`);
    if (response.status !== 404) return progressSchema.parse(await this.#jsonOf(response));
    const { code } = await this.#problemOf(response);
    if (code === 'batch-not-found') return undefined;
    throw new RefusedError(this.#noFunctions(response.status));
  }

  async failures(batch: string, outcome: string, limit: number): Promise<readonly FailedEntry[]> {
    const found: FailedEntry[] = [];
    let next: string | undefined = `${pathOf(batch)}?outcome=${outcome}&limit=${Math.min(pageLimit, limit)}`;
    while (next !== undefined && found.length < limit) {
      const page: z.infer<typeof pageSchema> = pageSchema.parse(
        await this.#jsonOf(await this.#request('GET', next)),
      );
      found.push(...page.outcomes);
      next = page.next;
    }
    return found.slice(0, limit);
  }

  async report(batch: string): Promise<Uint8Array> {
    const response = await this.#request('GET', pathOf(batch), { accept: 'text/csv' });
    if (!response.ok) throw await this.#refusalOf(response);
    return new Uint8Array(await this.#reading(() => response.arrayBuffer()));
  }

  async #upload(
    { content, isJson, batch, dryRun, strict }: FileToSend,
    more: Readonly<Record<string, string>>,
  ): Promise<Judged> {
    const query = new URLSearchParams({
      ...more,
      ...(batch === undefined ? {} : { batch }),
      ...(dryRun ? { dryRun: 'true' } : {}),
      ...(strict ? { strict: 'true' } : {}),
    });
    const headers = { 'content-type': isJson ? 'application/json' : 'text/csv', 'x-source': 'npm run send' };
    const path = query.size === 0 ? '/api/bulk' : `/api/bulk?${query}`;
    return judgedSchema.parse(await this.#jsonOf(await this.#request('POST', path, headers, content)));
  }

  async #request(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>> = {},
    body?: Uint8Array,
  ): Promise<Response> {
    const response = await this.#send(new URL(`${this.#url.href.replace(/\/$/, '')}${path}`), {
      method,
      headers: { ...headers, ...this.#headers },
      signal: AbortSignal.any([this.#signal, AbortSignal.timeout(requestLimitMs)]),
      redirect: 'error',
      ...(body === undefined ? {} : { body: Buffer.from(body) }),
    });
    if (response.status === 401) {
      const wanted = response.headers.get('www-authenticate') ?? '';
      throw new RefusedError(/^bearer/i.test(wanted) ? wantsToken : wantsKey);
    }
    if (response.status >= 500 || response.status === 429) throw await this.#unavailable(response);
    return response;
  }

  async #send(url: URL, init: RequestInit): Promise<Response> {
    return await this.#reading(() => this.#fetch(url, init));
  }

  /** A connection may break before the response, and in the middle of it. */
  async #reading<T>(read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      this.#signal.throwIfAborted();
      throw new UnreachableError(`${this.#url.host} cannot be reached (${reasonOf(error)}).`, {
        cause: error,
      });
    }
  }

  async #jsonOf(response: Response): Promise<unknown> {
    if (!response.ok) throw await this.#refusalOf(response);
    const json = parseJson(await this.#reading(() => response.text()));
    if (json === undefined) throw new RefusedError(this.#noFunctions(response.status));
    return json;
  }

  async #refusalOf(response: Response): Promise<RefusedError> {
    const { title, detail, errors = [] } = await this.#problemOf(response);
    const lines = errors.map((error) => `${placeOf(error)}${error.detail}`);
    const said = detail ?? title;
    return new RefusedError(
      lines.length > 0 ? lines.join('\n') : (said ?? this.#noFunctions(response.status)),
    );
  }

  #noFunctions(status: number): string {
    const { host } = this.#url;
    if (status === 403)
      return `${host} refuses requests from here (403): an address rule of the app, or something in front of it, does not let this machine through.`;
    return `${host} does not answer as the functions do (${status}): check --url.`;
  }

  async #unavailable(response: Response): Promise<UnreachableError> {
    const { detail = `The functions cannot serve now (${response.status}).` } =
      await this.#problemOf(response);
    return new UnreachableError(detail);
  }

  async #problemOf(response: Response): Promise<z.infer<typeof problemSchema>> {
    const parsed = problemSchema.safeParse(parseJson(await this.#reading(() => response.text())));
    return parsed.success ? parsed.data : {};
  }
}

function pathOf(batch: string): string {
  return `/api/bulk/${encodeURIComponent(batch)}`;
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined;
  return code ?? (error instanceof Error ? error.message : String(error));
}
