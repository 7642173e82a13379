/** The verbs with which a text says what to do. */
const verbs =
  /\b(?:add|allow|change|check|choose|correct|enable|extend|find out|give|issue|leave|let|look|make|must|name|put|raise|recover|renew|send|set|sign in|unlock|use|write)\b/i;

/** What becomes of a request stands behind the remedy, and is none. */
const nextSteps = [
  ' Trying again later may succeed.',
  ' It will be tried again from the queue.',
  ' The change may already have been made.',
];

/** Returns whether the last sentence of a detail says what to do. */
export function endsInRemedy(detail: string): boolean {
  const told = nextSteps.reduceRight((text, step) => text.replace(step, ''), detail);
  const [last = ''] = told.split(/(?<=[.)]) (?=[A-Z])/).slice(-1);
  return verbs.test(last);
}

/** Returns the sentences that a detail has twice. */
export function repeated(detail: string): readonly string[] {
  const sentences = detail.split(/(?<=\.) (?=[A-Z])/);
  return sentences.filter((sentence, index) => sentences.indexOf(sentence) !== index);
}
