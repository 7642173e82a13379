import type { BatchSummary } from '../../ring/batch/progress.ts';
import type { BatchStatus } from '../../ring/batch/status.ts';
import type { UndoSubmitted } from '../../ring/batch/undo/undo-batch.ts';
import type { RejectedRows, RowProblem } from '../../ring/batch/upload/judge.ts';
import type { JudgedUpload, UploadAccepted } from '../../ring/batch/upload/upload.ts';
import { entryStates } from '../../ring/model/outcome.ts';
import {
  callerIdOf,
  count,
  type JsonSchema,
  listOf,
  objectOf,
  onlyTrue,
  reference,
  text,
  time,
} from './json-schema.ts';

/** Entries by state. States without entries are left out. */
export const counts: JsonSchema = {
  type: 'object',
  description: 'Entries by state; `pending` are those not tried yet. States without entries are left out.',
  properties: Object.fromEntries(entryStates.map((state) => [state, count(`Entries that are ${state}.`)])),
  additionalProperties: false,
};

const summaryAlways = {
  batch: text('The name of the batch.'),
  parts: count('Messages announced, or seen so far.'),
  missing: listOf(count('The number of a part.'), 'Announced parts that have not come, a hundred at most.'),
  missingCount: count('How many announced parts have not come.'),
  entries: count('Entries seen so far; of an upload or a deferred change all that were sent.'),
  finished: {
    type: 'boolean',
    description: 'Every announced part came and every entry has a final outcome.',
  } as const,
  counts,
};

const summarySometimes = {
  source: text('What the sender said of itself.'),
  by: callerIdOf('the batch'),
  requestedAt: time('The earliest time of its parts.'),
  finishedAt: time('When its last part finished.'),
  nextTryAt: time('From when the first of its entries that wait can be tried.'),
  cancelled: onlyTrue('The batch was cancelled.'),
  cancelledBy: callerIdOf('the cancel'),
  undoes: text('The batch that this one undoes, as a whole or where its `until` passes.'),
};

const next = text('The URL of the next page. Absent on the last one. A page may be empty and have `next`.');

type RejectedMessage = BatchStatus['rejectedMessages'][number];

const rejectedMessage = objectOf<RejectedMessage>(
  'A message that named this batch and is not a valid bulk message.',
  {
    messageId: text('The id of the message in the queue, or a digest of its content.'),
    reason: text('What is wrong with it.'),
    at: time('When it was read.'),
  },
  { part: count('The part that it said it is.') },
);

const rejectedRows = objectOf<RejectedRows>(
  'The rows that end as rejected.',
  {
    count: count('How many rows.'),
    first: listOf(
      objectOf<Omit<RowProblem, 'pointer'>>(
        'One thing that is wrong with a row.',
        {
          entry: count('The number of the row among all, from 0.'),
          detail: text('What is wrong.'),
        },
        {
          line: count('The line of the CSV file in which the row begins.'),
          column: text('The column of the CSV file by its own name, or the property in JSON.'),
        },
      ),
      'What is wrong with the first of them, a hundred problems at most.',
    ),
  },
  {},
);

const ignoredColumns = listOf(text('A column.'), 'Columns of a CSV file that were ignored.');

interface WithIgnored {
  readonly ignoredColumns?: readonly string[];
}

/** What responses say of batches. */
export const batchSchemas = {
  BatchSummary: objectOf<BatchSummary>('The progress of a batch.', summaryAlways, summarySometimes),
  Batch: objectOf<Omit<BatchStatus, 'continuation'> & { next?: string }>(
    'The progress of a batch, and a page of its entries.',
    {
      ...summaryAlways,
      rejectedMessages: listOf(rejectedMessage, 'The oldest first, a hundred at most.'),
      outcomes: listOf(reference('EntryStatus'), 'Entries in order.'),
    },
    {
      ...summarySometimes,
      undoneBy: text('The batch that undoes this one, or that ends its temporary settings.'),
      next,
    },
  ),
  BatchList: objectOf<{ batches: readonly BatchSummary[]; next?: string }>(
    'A page of batches, newest first.',
    { batches: listOf(reference('BatchSummary'), 'The batches.') },
    { next },
  ),
  BatchReference: objectOf<{ batch: string; status: string }>(
    'A batch, and where to read it.',
    { batch: text('The name of the batch.'), status: text('The URL of the batch.') },
    {},
  ),
  UndoAccepted: objectOf<UndoSubmitted & { status: string }>(
    'An undo whose messages are all on the queue.',
    {
      batch: text('The name of the undo.'),
      undoes: text('The batch that it undoes.'),
      entries: count('The users for whom that batch had applied a setting.'),
      parts: count('The parts of that batch in which they are.'),
      status: text('The URL of the undo.'),
    },
    { existing: onlyTrue('It was requested before: only what had not come was sent.') },
  ),
  UploadAccepted: objectOf<UploadAccepted & WithIgnored & { status: string }>(
    'An upload whose messages are all on the queue.',
    {
      batch: text('The name of the batch.'),
      entries: count('All rows.'),
      parts: count('The messages that they were split into.'),
      rejected: rejectedRows,
      status: text('The URL of the batch.'),
    },
    {
      ignoredColumns,
      existing: onlyTrue('The same was uploaded before: only what had not come was sent.'),
      cancelled: onlyTrue('That batch was cancelled: nothing of it is set. Send it under another name.'),
    },
  ),
  UploadJudged: objectOf<JudgedUpload & WithIgnored>(
    'What would become of an upload. Nothing was sent.',
    {
      batch: text('The name that its batch would have.'),
      dryRun: { type: 'boolean', description: 'True where it would be a dry run.' },
      entries: count('All rows.'),
      rejected: rejectedRows,
    },
    { ignoredColumns },
  ),
} satisfies Readonly<Record<string, JsonSchema>>;
