import type { EntryStatus } from '../../ring/batch/status.ts';
import { activePeriods, rings } from '../../ring/model/desired-ring.ts';
import { failureCodes } from '../../ring/model/failure-code.ts';
import {
  type CancelledOutcome,
  type DeferredOutcome,
  type DryRunOutcome,
  entryStates,
  type ScheduledOutcome,
  type SuccessOutcome,
  type UcwaWords,
  type Warning,
} from '../../ring/model/outcome.ts';
import type { RingState, UnansweredTarget } from '../../ring/model/ring-state.ts';
import type { RequestShown } from '../../ring/serve-caller.ts';
import type { ReadState } from '../../ring/user/change-ring.ts';
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
  word,
} from './json-schema.ts';

const shownTarget = text(
  'As `tel:+…` or `sip:…` where there is such a form, else as the server shows it. Absent where the server shows none.',
);

const ringStateAlways = { ring: word(rings, 'What rings now.') };

const ringStateSometimes = {
  target: shownTarget,
  ringDelaySeconds: count('The delay of delegates or team.'),
  forwarding: objectOf<NonNullable<RingState['forwarding']>>(
    'Calls go there at once. `ring` is then `off`.',
    {},
    { target: text('An address, `delegates` or `voicemail`.') },
  ),
  unanswered: objectOf<UnansweredTarget>(
    "The user's own target for unanswered calls.",
    {},
    { target: shownTarget, ringDelaySeconds: count('After how many seconds.') },
  ),
  activePeriod: word(['workhours'], "The settings apply during the user's working hours only."),
};

const outcomeAlways = {
  user: text("The user's address."),
  attempts: count('How often the work was run within this try: once, and once more for each recovery step.'),
  recovery: listOf(
    word(
      ['retry', 'fresh-application', 'fresh-token', 'reread-secret', 'rediscover'],
      'A step that was taken.',
    ),
    'The recovery steps, in order.',
  ),
  requests: count('Requests sent to UCWA in this try.'),
  correlationId: text('The id of the request, or of the run that worked on the entry. The log has it too.'),
};

const requested = {
  ring: word(rings, 'What was requested.'),
  target: text('What was requested, as `tel:+…` or `sip:…`.'),
  ringDelaySeconds: count('What was requested.'),
  activePeriod: word(activePeriods, 'When the settings apply, as it was requested.'),
  from: time('When the setting was to begin.'),
  until: time('When the setting ends: what was set before then comes back.'),
};

const endedAt = time('When the request ended. Absent where it has not, or where version 0.1 recorded it.');
const requestedAt = time('When it was requested.');
const nextTryAt = time('From when it can be tried again.');
const by = callerIdOf('the request');
const source = text('What the caller said of itself in `x-source`.');
const detail = text('What happened, to what, and what to do.');
const code = word(failureCodes, 'Why it did not succeed.');
const previous = {
  ...reference('RingState'),
  description: 'The state before this request changed anything. Absent if no attempt recorded it.',
};
const verified = {
  type: 'boolean',
  description:
    '`true`: reading back showed the setting and its target. `false`: the setting is on, and its target could not be compared.',
} as const;
const dryRun = onlyTrue('This was a dry run.');
const would = word(['apply', 'nothing'], 'What a change would do. In dry runs only.');

const warnings = listOf(
  objectOf<Warning>(
    'What was lost although the ring is as desired.',
    {
      code: word(['unanswered-not-restored', 'unanswered-lost', 'not-restored'], 'Which side effect.'),
      detail: text('What happened and what to do.'),
    },
    {},
  ),
  'Side effects of a change that succeeded.',
);

/** UCWA's own words for a refusal. */
export const ucwa: JsonSchema = objectOf<UcwaWords>(
  "UCWA's own words for a refusal or failure.",
  { status: { type: 'integer', description: 'The HTTP status.' } },
  {
    code: text("UCWA's code."),
    subcode: text("UCWA's subcode."),
    diagnosis: {
      type: 'object',
      additionalProperties: { type: 'string' },
      description: 'Headers of the response that say why, numbers masked.',
    },
  },
);

/** States and outcomes in responses. */
export const outcomeSchemas = {
  RingState: objectOf<RingState>(
    'What UCWA reports. A property is present only where it holds.',
    ringStateAlways,
    ringStateSometimes,
  ),
  UserRingState: objectOf<ReadState & { user: string }>(
    'The ring of a user, as UCWA reports it now.',
    { user: text("The user's address."), ...ringStateAlways },
    {
      ...ringStateSometimes,
      until: time('When the setting ends: an undo is pending. Absent where none is.'),
    },
  ),
  Outcome: objectOf<(SuccessOutcome | DryRunOutcome | CancelledOutcome) & Partial<RequestShown>>(
    'How a request ended.',
    {
      ...outcomeAlways,
      outcome: word(
        ['applied', 'unchanged', 'cancelled'],
        '`applied`: the setting was changed. `unchanged`: nothing was written, as it was as desired, or in a dry run. `cancelled`: its batch was cancelled first.',
      ),
    },
    { ...requested, requestedAt, endedAt, source, by, previous, verified, dryRun, would, warnings, detail },
  ),
  DeferredOutcome: objectOf<DeferredOutcome & RequestShown & { status: string }>(
    'The change continues in the queue, as a batch of one entry. Poll `status`; do not send the request again.',
    {
      ...outcomeAlways,
      outcome: word(['deferred'], 'It will be tried again from the queue.'),
      code,
      detail,
      requestedAt,
      status: text('The URL of the batch.'),
    },
    { ...requested, endedAt, nextTryAt, source, by, dryRun, ucwa },
  ),
  ScheduledOutcome: objectOf<ScheduledOutcome & RequestShown & { status: string }>(
    'The change waits in the queue for its time, as a batch of one entry. Cancel that batch to prevent it.',
    {
      ...outcomeAlways,
      outcome: word(['scheduled'], 'It is not due yet.'),
      detail,
      nextTryAt: time('When it is due.'),
      requestedAt,
      status: text('The URL of the batch.'),
    },
    { ...requested, endedAt, source, by },
  ),
  EntryStatus: objectOf<EntryStatus>(
    'One entry of a batch. While it is pending it has no outcome.',
    {
      part: count('The message that it came in.'),
      entry: count('Its number in that message.'),
      user: text("The user's address; where it could not be read, as it was sent."),
    },
    {
      ref: text("The sender's own key."),
      attempts: outcomeAlways.attempts,
      recovery: outcomeAlways.recovery,
      requests: outcomeAlways.requests,
      correlationId: outcomeAlways.correlationId,
      outcome: word(
        entryStates.filter((state) => state !== 'pending'),
        'All but `deferred` and `scheduled` are final.',
      ),
      ...requested,
      requestedAt,
      endedAt,
      nextTryAt,
      previous,
      verified,
      dryRun,
      would,
      warnings,
      code,
      detail,
      ucwa,
      sent: {
        type: 'object',
        additionalProperties: { type: 'string' },
        description: 'What a rejected entry asked for, as it was sent, each text cut at 300 characters.',
      },
    },
  ),
} satisfies Readonly<Record<string, JsonSchema>>;
