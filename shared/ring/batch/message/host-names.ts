import { issueAt, type ValidationIssue } from '../../model/validation.ts';

/** What the Functions host tells of a message. A message's own top-level properties would take the place of these. */
const hostNames = [
  'queueTrigger',
  'dequeueCount',
  'expirationTime',
  'id',
  'insertionTime',
  'nextVisibleTime',
  'popReceipt',
  'sys',
].map((name) => name.toLowerCase());

/** True for a name that the host uses, in any case. */
export function isHostName(name: string): boolean {
  return hostNames.includes(name.toLowerCase());
}

/** Says of each property that is named like the host's metadata why a message must not have it. */
export function explainHostNames(issues: readonly ValidationIssue[]): readonly ValidationIssue[] {
  return issues.map((issue) => {
    const name = issue.pointer.slice(1);
    const detail = `\`${name}\` is a name that the Functions host uses for the message itself: give this property another name, or leave it out.`;
    return isHostName(name) ? issueAt(issue.pointer, detail) : issue;
  });
}
