import { uploadNameSchema } from '../../../shared/ring/batch/upload/read-upload.ts';
import { readArguments } from '../arguments.ts';
import { UsageError } from '../usage-error.ts';

/** What `npm run send` was asked to do. */
export interface SendOptions {
  /** A CSV or JSON file; `-` is standard input. */
  readonly file: string;
  readonly to: { readonly url: URL; readonly keyFile: string | undefined } | 'queue';
  readonly settings: string | undefined;
  readonly batch: string | undefined;
  readonly dryRun: boolean;
  readonly validate: boolean;
  readonly strict: boolean;
  readonly json: boolean;
  readonly wait: boolean;
  readonly report: string | undefined;
}

export const usage = `npm run send -- FILE (--url URL | --queue) [options]

Sends a CSV or JSON file, waits for the outcomes, and lists what did not succeed. FILE - is standard input.

  --url URL         the functions, such as https://my-app.azurewebsites.net; their key comes from the
                    environment variable SIMRING_KEY, or from the file of --key-file
  --key-file FILE   a file that holds the key and nothing else
  --queue           sends to the queue itself, with the settings of the functions (BulkStorage …)
  --settings FILE   a local.settings.json, or what az functionapp config appsettings list prints
  --batch NAME      the name of the batch; by default one made from the content
  --validate        judges every line and sends nothing
  --dry-run         signs in as each user, and changes nothing
  --strict          sends nothing where one line is wrong
  --no-wait         does not wait for the outcomes
  --report FILE     writes the report of every entry to this CSV file
  --json            prints the result as JSON
  --help            this text

Exit codes: 0 all went well, 1 some entries failed, 2 nothing was sent, 130 interrupted. The same command again goes on:
the same file is the same batch, and nothing is sent twice.`;

/** Reads the arguments; \`help\` where the text was asked for. Throws {@link UsageError}. */
export function parseSendArguments(argv: readonly string[]): SendOptions | 'help' {
  const { values, positionals } = readArguments(argv, {
    url: { type: 'string' },
    'key-file': { type: 'string' },
    queue: { type: 'boolean', default: false },
    settings: { type: 'string' },
    batch: { type: 'string' },
    validate: { type: 'boolean', default: false },
    'dry-run': { type: 'boolean', default: false },
    strict: { type: 'boolean', default: false },
    'no-wait': { type: 'boolean', default: false },
    report: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  });
  if (values.help) return 'help';
  const [file, ...others] = positionals;
  if (file === undefined)
    throw new UsageError('Name the file to send, such as: npm run send -- people.csv --url URL');
  if (others.length > 0) throw new UsageError(`One file at a time: ${others.join(' ')} is too much.`);
  if (values.report !== undefined && (values['no-wait'] || values.validate))
    throw new UsageError('--report needs the outcomes: leave --no-wait and --validate out.');
  if (!uploadNameSchema.optional().safeParse(values.batch).success)
    throw new UsageError('--batch must be 1 to 60 of A–Z a–z 0–9 . _ -, the first a letter or digit.');
  return {
    file,
    to: parseDestination(values.url, values.queue, values['key-file']),
    settings: values.settings,
    batch: values.batch,
    dryRun: values['dry-run'],
    validate: values.validate,
    strict: values.strict,
    json: values.json,
    wait: !values['no-wait'],
    report: values.report,
  };
}

/** Returns where to send. Throws {@link UsageError} where that is not one place. */
export function parseDestination(
  url: string | undefined,
  queue: boolean,
  keyFile: string | undefined,
): SendOptions['to'] {
  if (queue && url !== undefined) throw new UsageError('Give --url or --queue, not both.');
  if (queue) return 'queue';
  if (url === undefined) throw new UsageError('Say where to send: --url URL, or --queue.');
  return { url: parseUrl(url), keyFile };
}

const loopback = ['127.0.0.1', 'localhost', '[::1]'];

/** The key must not travel in the clear. */
function parseUrl(text: string): URL {
  if (!URL.canParse(text))
    throw new UsageError(`--url ${text} is not a URL: give one such as https://my-app.azurewebsites.net.`);
  const url = new URL(text);
  if (url.search !== '' || url.username !== '' || url.password !== '')
    throw new UsageError(
      '--url is the address of the functions alone: a key comes from SIMRING_KEY or --key-file.',
    );
  if (url.protocol === 'https:' || (url.protocol === 'http:' && loopback.includes(url.hostname))) return url;
  throw new UsageError('--url must begin with https://: the key would travel in the clear otherwise.');
}
