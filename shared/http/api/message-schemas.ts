import { failureCodes } from '../../ring/model/failure-code.ts';
import type { FailedEntry, RejectionMessage, ResultsMessage } from '../../ring/ports/queues.ts';
import { counts } from './batch-schemas.ts';
import { count, type JsonSchema, listOf, objectOf, onlyTrue, text, word } from './json-schema.ts';

const failedEntry = objectOf<FailedEntry>(
  'An entry that ended as failed or rejected.',
  {
    entry: count('Its number in the message.'),
    user: text("The user's address; where it could not be read, as it was sent."),
    outcome: word(['failed', 'rejected'], 'How it ended.'),
  },
  {
    ref: text("The sender's own key."),
    code: word(failureCodes, 'Why.'),
    detail: text('What happened, to what, and what to do.'),
  },
);

const rejectedMessage = objectOf<RejectionMessage['rejectedMessage']>(
  'What is wrong with a message that is not a valid bulk message. None of its entries was read.',
  {
    messageId: text('The id of the message in the queue, or a digest of its content.'),
    code: word(['invalid-request'], 'Why.'),
    detail: text('What is wrong with it.'),
  },
  {},
);

/** What the queue `simring-results` gets. */
export const messageSchemas = {
  ResultsMessage: objectOf<ResultsMessage | RejectionMessage>(
    'A message of the queue `simring-results`, base64 of JSON: the summary of a part of which every entry has ended, or the reason why a message could not be read. The queue is not part of this HTTP API.',
    {
      schema: word(['simring/results/1'], 'The kind and version of the message.'),
      id: text('The same each time that the same summary is sent: ignore a second copy.'),
      batch: text('The name of the batch.'),
      counts,
      failed: listOf(failedEntry, 'The entries that ended as failed or rejected.'),
    },
    {
      part: count('The part of the batch.'),
      truncated: onlyTrue('Not all failures fitted into the message: the batch over HTTP has the rest.'),
      rejectedMessage,
    },
  ),
} satisfies Readonly<Record<string, JsonSchema>>;
