import { batchQuerySchema, listQuerySchema, undoQuerySchema } from '../../batch-query.ts';
import { uploadQuerySchema } from '../../upload-request.ts';
import { reference } from '../json-schema.ts';
import { parameter, queryParameters } from '../parameters.ts';
import { json, jsonOrCsv, problems } from '../responses.ts';

const tags = ['Batches'];

const paging = {
  limit: 'The most items of a page.',
  continuation: 'Where the page begins: it comes with the link in `next`.',
};

const correlationId = parameter('correlationId');

/** The routes for batches. */
export const bulkPaths = {
  '/api/bulk': {
    get: {
      operationId: 'listBatches',
      tags,
      summary: 'Lists the newest batches',
      parameters: [
        correlationId,
        ...queryParameters(listQuerySchema, {
          all: '`true`: also batches that the app named itself.',
          ...paging,
        }),
      ],
      responses: {
        '200': json('BatchList', 'A page of batches.'),
        ...problems('invalid-request', 'misconfigured', 'storage-unavailable'),
      },
    },
    post: {
      operationId: 'uploadBatch',
      tags,
      summary: 'Uploads a batch as CSV or JSON',
      description:
        'Wrong rows end as rejected and the others go on, unless all are wrong or `strict` is `true`. The same upload twice is the same batch: the second completes what the first did not send.',
      parameters: [
        correlationId,
        ...queryParameters(uploadQuerySchema, {
          batch: 'The name of the batch. That of a dry run gets `dry-` before it.',
          dryRun: '`true` checks every row with UCWA and changes nothing.',
          strict: '`true` sends nothing where a row is wrong.',
          validate: '`true` only judges the rows: nobody signs in and nothing is sent.',
        }),
      ],
      requestBody: {
        required: true,
        description: 'At most 32 MiB and 100,000 entries, with a Content-Length.',
        content: {
          'application/json': { schema: reference('Upload') },
          'text/csv': { schema: { type: 'string' } },
        },
      },
      responses: {
        '200': json('UploadJudged', 'With `validate`: what is wrong with the rows.'),
        '202': json('UploadAccepted', 'All messages are on the queue.', { location: 'location' }),
        ...problems('invalid-request', 'batch-exists', 'too-large', 'misconfigured', 'storage-unavailable'),
      },
    },
  },
  '/api/bulk/{batch}': {
    parameters: [parameter('batch'), correlationId],
    get: {
      operationId: 'readBatch',
      tags,
      summary: 'Shows the progress and the entries of a batch',
      description:
        'With `Accept: text/csv` all entries as one file: it takes no `limit` and no `continuation`.',
      parameters: queryParameters(batchQuerySchema, {
        outcome: 'Only entries in this state.',
        would: 'Only entries of which a dry run found this.',
        user: 'Only users whose address begins so, in any case, with or without `sip:`.',
        ...paging,
      }),
      responses: {
        '200': jsonOrCsv('Batch', 'The batch.'),
        ...problems('invalid-request', 'batch-not-found', 'misconfigured', 'storage-unavailable'),
      },
    },
    delete: {
      operationId: 'cancelBatch',
      tags,
      summary: 'Cancels a batch',
      description: 'It undoes nothing: entries for which nothing was written yet end as cancelled.',
      responses: {
        '202': json('BatchReference', 'The batch is cancelled.', { location: 'location' }),
        ...problems(
          'invalid-request',
          'batch-not-found',
          'batch-finished',
          'misconfigured',
          'storage-unavailable',
        ),
      },
    },
  },
  '/api/bulk/{batch}/undo': {
    parameters: [parameter('batch'), correlationId],
    post: {
      operationId: 'undoBatch',
      tags,
      summary: 'Undoes a batch',
      description:
        'Each user for whom the batch applied a setting goes back to what was set before, if that setting still stands. Requested again, it is the same undo.',
      parameters: [
        parameter('source'),
        ...queryParameters(undoQuerySchema, {
          dryRun: '`true` changes nothing and tells in `would` what the undo would do.',
        }),
      ],
      responses: {
        '202': json('UndoAccepted', 'All messages are on the queue.', { location: 'location' }),
        ...problems(
          'invalid-request',
          'batch-not-found',
          'batch-not-finished',
          'misconfigured',
          'storage-unavailable',
        ),
      },
    },
  },
};
