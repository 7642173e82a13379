import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { HostConfigurationError } from './configuration-error.ts';

/** `extensions.queues` of host.json, with the defaults of the real extension. */
export interface QueueSettings {
  readonly batchSize: number;
  readonly newBatchThreshold: number;
  readonly maxDequeueCount: number;
  readonly visibilityTimeoutMs: number;
  readonly maxPollingIntervalMs: number;
  readonly messageEncoding: 'none' | 'base64';
}

/** The settings of host.json that this host uses; a `functionTimeoutMs` of `Infinity` is no limit. */
export interface HostSettings {
  readonly routePrefix: string;
  readonly functionTimeoutMs: number;
  readonly queues: QueueSettings;
}

const timeSpanPattern = /^(?:(\d+)\.)?([01]?\d|2[0-3]):([0-5]?\d):([0-5]?\d)(?:\.(\d{1,7}))?$/;
const timeSpan = z
  .string()
  .regex(timeSpanPattern, 'expected a time span such as 00:01:00 or 1.00:00:00')
  .transform(parseTimeSpan);
const functionTimeout = z.union([z.literal('-1').transform(() => Number.POSITIVE_INFINITY), timeSpan], {
  error: 'expected a time span such as 00:10:00, or -1 for no limit',
});
const encoding = z
  .string()
  .toLowerCase()
  .pipe(z.enum(['none', 'base64']));

const queuesSchema = z.looseObject({
  batchSize: z.int().min(1).max(32).default(16),
  newBatchThreshold: z.int().min(0).optional(),
  maxDequeueCount: z.int().min(1).default(5),
  visibilityTimeout: timeSpan.default(0),
  maxPollingInterval: timeSpan
    .refine((intervalMs) => intervalMs >= 100, 'must be at least 00:00:00.100')
    .default(60_000),
  messageEncoding: encoding.default('base64'),
});

const httpSchema = z.looseObject({ routePrefix: z.string().default('api') });

const hostSchema = z.looseObject({
  version: z.literal('2.0'),
  functionTimeout: functionTimeout
    .refine((limitMs) => limitMs >= 1000, 'must be at least 00:00:01')
    .default(30 * 60_000),
  extensions: z
    .looseObject({ http: httpSchema.prefault({}), queues: queuesSchema.prefault({}) })
    .prefault({}),
});

/** Reads the `host.json` of an app folder. Throws a `HostConfigurationError` that lists everything invalid by file and property. */
export function readHostJson(appDirectory: string): HostSettings {
  const path = join(appDirectory, 'host.json');
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new HostConfigurationError(`${path} cannot be read: is this the folder of a functions app?`, {
      cause,
    });
  }
  return parseHostJson(text, path);
}

/** Parses the text of a host.json, with the errors of {@link readHostJson}; `path` is only used in them. */
export function parseHostJson(text: string, path = 'host.json'): HostSettings {
  const parsed = hostSchema.safeParse(parseJson(text, path));
  if (!parsed.success) {
    const issues = parsed.error.issues.map(
      (issue) => `${issue.path.join('.') || '(root)'}: ${issue.message}`,
    );
    throw new HostConfigurationError(`${path} is not valid. ${issues.join('; ')}`, { cause: parsed.error });
  }
  const { functionTimeout: functionTimeoutMs, extensions } = parsed.data;
  const { queues, http } = extensions;
  return {
    routePrefix: http.routePrefix,
    functionTimeoutMs,
    queues: {
      batchSize: queues.batchSize,
      // The real extension multiplies this default by the number of processors; here it counts as one.
      newBatchThreshold: queues.newBatchThreshold ?? Math.floor(queues.batchSize / 2),
      maxDequeueCount: queues.maxDequeueCount,
      visibilityTimeoutMs: queues.visibilityTimeout,
      maxPollingIntervalMs: queues.maxPollingInterval,
      messageEncoding: queues.messageEncoding,
    },
  };
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new HostConfigurationError(`${path} is not valid JSON.`, { cause });
  }
}

function parseTimeSpan(text: string): number {
  const [, days, hours, minutes, seconds, fraction] = timeSpanPattern.exec(text) ?? [];
  const wholeSeconds =
    ((Number(days ?? 0) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds);
  return wholeSeconds * 1000 + Math.floor(Number(`0.${fraction ?? 0}`) * 1000);
}
