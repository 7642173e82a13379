import { cutText, detailMaxLength } from '../../model/stored-text.ts';
import { describeIssues, type ValidationIssue } from '../../model/validation.ts';

/** Why the content of a queue message is not a bulk message, for the log and for its sender. */
export interface UnreadableMessage {
  /**
   * Sentences for the log: the decoding that failed, the position in the JSON, or each property at fault. They hold no
   * words of the sender: names of unknown properties stay out of the log.
   */
  readonly reasons: readonly string[];
  /** The same for the sender, naming unknown properties (cut at 64 characters) with the nearest known name. */
  readonly detail: string;
  /** Present where the content is a JSON object with a valid `batch`, not nested too deep: such a message ends as a rejected message of that batch. */
  readonly named?: NamedBatch;
  /** The batch that a message nested too deep names: it goes to the poison queue all the same, and the log tells its batch. */
  readonly batch?: string;
}

/** What a message that is not a bulk message says of its place, as far as that can be read. */
export interface NamedBatch {
  readonly batch: string;
  readonly part?: number;
  readonly source?: string;
}

/**
 * Describes what is wrong with the properties of a message. Other names than ours stay out of the log: a sender may have put
 * anything there. `listed` are the names that a sender may use.
 */
export function describeProperties(
  issues: readonly ValidationIssue[],
  isNameOfOurs: (name: string) => boolean,
  listed: readonly string[],
): Pick<UnreadableMessage, 'reasons' | 'detail'> {
  const ours = issues.filter(({ pointer }) => pointer === '' || isNameOfOurs(topPropertyOf(pointer)));
  const others = issues.length - ours.length;
  return {
    reasons: [
      ...ours.map(({ pointer, detail }) => `${pointer || '/'}: ${detail}`),
      ...(others > 0 ? [`/: ${describeOthers(others, listed)}`] : []),
    ],
    detail: cutText(describeIssues(issues), detailMaxLength),
  };
}

function topPropertyOf(pointer: string): string {
  const [, property = ''] = pointer.split('/');
  return property;
}

function describeOthers(count: number, listed: readonly string[]): string {
  const has = count === 1 ? '1 property is unknown' : `${count} properties are unknown`;
  return `${has}: check the spelling. Allowed: ${listed.join(', ')}.`;
}
