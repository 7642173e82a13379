import { cutText, detailMaxLength } from '../model/stored-text.ts';
import { describeIssues, type ValidationIssue } from '../model/validation.ts';

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

/** Describes what is wrong with the properties of a message. `known` are the names of a bulk message's properties. */
export function describeProperties(
  issues: readonly ValidationIssue[],
  known: { readonly all: readonly string[]; readonly listed: readonly string[] },
): Pick<UnreadableMessage, 'reasons' | 'detail'> {
  const isKnown = ({ pointer }: ValidationIssue) => isAboutKnown(pointer, known.all);
  const ours = issues.filter(isKnown);
  const others = issues.length - ours.length;
  return {
    reasons: [
      ...ours.map(({ pointer, detail }) => `${pointer || '/'}: ${detail}`),
      ...(others > 0 ? [`/: ${describeOthers(others, known.listed)}`] : []),
    ],
    detail: cutText(describeIssues(issues), detailMaxLength),
  };
}

function describeOthers(count: number, listed: readonly string[]): string {
  const has = count === 1 ? '1 property is unknown' : `${count} properties are unknown`;
  return `${has}: check the spelling. Known are ${listed.join(', ')}.`;
}

/** The names of unknown properties stay out of the log: a sender may have put anything there. */
function isAboutKnown(pointer: string, known: readonly string[]): boolean {
  const [, property] = pointer.split('/');
  return property === undefined || known.includes(property);
}
