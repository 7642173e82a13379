import * as z from 'zod';
import { bulkEntrySchema, ownEntryProperties } from '../../ring/batch/message/entry.ts';
import { bulkMessageSchema, ownMessageProperties } from '../../ring/batch/message/message.ts';
import { maxUploadEntries, uploadSchema } from '../../ring/batch/upload/read-upload.ts';
import { putBodySchema } from '../../ring/model/parse-request.ts';
import { type JsonSchema, reference } from './json-schema.ts';

/**
 * Returns the JSON Schema of what a zod schema takes, with a description of each property. `own` are the properties that
 * only we set: they are left out.
 */
export function requestSchema<Schema extends z.ZodObject, Own extends string = never>(
  schema: Schema,
  descriptions: Readonly<Record<Exclude<keyof Schema['shape'] & string, Own>, string>>,
  own: readonly Own[] = [],
): JsonSchema {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'input' });
  const ours = new Set<string>(own);
  const described = Object.entries<string>(descriptions).map(([name, description]) => [
    name,
    { ...Object(properties[name]), description },
  ]);
  return {
    type: 'object',
    properties: Object.fromEntries(described),
    required: required.filter((name) => !ours.has(name)),
    additionalProperties: false,
  };
}

const ringDescriptions = {
  target:
    'For a contact only: a phone number with `+` and the country code, a `tel:` or a `sip:` URI, at most 80 characters as sent to UCWA. Dial rules and numbering plans decide whether it is taken.',
  ringDelaySeconds:
    'For delegates and team only: after how many seconds they ring. Left as it is when absent.',
};

const timeDescriptions = {
  activePeriod:
    "`workhours`: the settings apply during the user's working hours only. Left as it is when absent. Not with `off`.",
  from: 'Not before this time; at most 366 days after the request.',
  until:
    'Then back to what was set before. After `from` and after the request, at most 366 days after the request.',
};

const dryRun = '`true` checks everything, changes nothing and tells in `would` what a change would do.';

/** A contact needs a target and has no delay; a group has no target. */
const contactOrGroup: readonly JsonSchema[] = [
  {
    title: 'a contact',
    properties: { ring: { const: 'contact' } },
    required: ['target'],
    not: { required: ['ringDelaySeconds'] },
  },
  {
    title: 'delegates or team',
    properties: { ring: { enum: ['delegates', 'team'] } },
    required: ['ring'],
    not: { required: ['target'] },
  },
];

const off: JsonSchema = {
  title: 'off',
  properties: { ring: { const: 'off' } },
  required: ['ring'],
  not: {
    anyOf: [{ required: ['target'] }, { required: ['ringDelaySeconds'] }, { required: ['activePeriod'] }],
  },
};

const ringRequest: JsonSchema = {
  ...requestSchema(putBodySchema, {
    ring: 'What rings together with the user. To turn the ring off, use DELETE.',
    ...ringDescriptions,
    ...timeDescriptions,
    dryRun,
  }),
  description: 'What a PUT asks for.',
  anyOf: [...contactOrGroup],
  examples: [{ target: '+1 (425) 555-0123' }, { ring: 'team', ringDelaySeconds: 10, dryRun: true }],
};

const bulkEntry: JsonSchema = {
  ...requestSchema(
    bulkEntrySchema,
    {
      user: "The user's SIP address, with or without `sip:`, of a domain in SIP_DOMAINS. The name of its secret may have at most 127 characters.",
      ring: 'What rings together with the user.',
      ...ringDescriptions,
      ...timeDescriptions,
      ref: "The sender's own key. It comes back with the outcome.",
    },
    ownEntryProperties,
  ),
  description: 'One user of a batch.',
  anyOf: [...contactOrGroup, off],
  examples: [{ user: 'alice@contoso.com', target: '+44 20 7946 0018', ref: 'E1042' }],
};

const batchDescriptions = {
  source: 'Who sends it, for people. It is not verified.',
  requestedAt:
    'When the changes were requested. A later time than that of sending counts as that of sending; one older than RESULT_RETENTION_DAYS is refused.',
  dryRun,
};

const bulkMessage = requestSchema(
  bulkMessageSchema,
  {
    schema: 'The kind and version of the message.',
    batch: 'The name of the batch.',
    part: 'Which message of the batch this is, from 0. Less than `parts`.',
    parts: 'How many messages the batch has.',
    ...batchDescriptions,
    entries: 'The users. A wrong entry ends as rejected; the others go on.',
  },
  ownMessageProperties,
);

const upload = requestSchema(uploadSchema, {
  schema: 'As in a bulk message. It may be left out.',
  batch:
    'The name of the batch, if the query does not have it. Without a name the batch is named after its content.',
  ...batchDescriptions,
  entries: 'The users. A wrong entry ends as rejected; the others go on.',
});

/** Returns the schema of a batch of entries with the schema of an entry in it: entries are read one by one. */
function withEntries({ properties = {}, ...schema }: JsonSchema, more: JsonSchema): JsonSchema {
  const entries = { ...Object(properties['entries']), items: reference('BulkEntry'), ...more };
  return { ...schema, properties: { ...properties, entries } };
}

const entries = [
  { user: 'alice@contoso.com', target: '+44 20 7946 0018', ref: 'E1042' },
  { user: 'bob@contoso.com', ring: 'off' },
];

/** What callers and senders write. */
export const requestSchemas = {
  RingRequest: ringRequest,
  BulkEntry: bulkEntry,
  BulkMessage: {
    ...withEntries(bulkMessage, {}),
    description:
      'A message for the queue `simring-bulk`: plain JSON or base64 of it, at most 64 KiB as sent. The queue is not part of this HTTP API.',
    examples: [{ schema: 'simring/bulk/1', batch: 'hr-2026-11-23', entries }],
  },
  Upload: {
    ...withEntries(upload, { maxItems: maxUploadEntries }),
    description: 'A batch that is uploaded: it is split into messages here.',
    examples: [{ entries }],
  },
} satisfies Readonly<Record<string, JsonSchema>>;
