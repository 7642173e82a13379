import type { Schedule } from '../../ring/model/desired-ring.ts';
import { issueAt, type ValidationIssue } from '../../ring/model/validation.ts';
import type { Caller } from './caller.ts';

/**
 * True where people act for their own address. Their token is not kept, so nothing of their request can be tried later from the
 * queue.
 */
export function actsForSelf(caller: Caller | undefined): boolean {
  return caller?.self !== undefined;
}

/** Returns an issue for `from` and for `until` where people act for their own address. */
export function scheduleIssues(
  caller: Caller | undefined,
  { from, until }: Schedule = {},
): readonly ValidationIssue[] {
  if (!actsForSelf(caller)) return [];
  const given = [...(from === undefined ? [] : ['from']), ...(until === undefined ? [] : ['until'])];
  return given.map((name) => issueAt(`/${name}`, `\`${name}\` ${notKept}`));
}

const notKept =
  'is not taken with SimultaneousRing.Self: your token is not kept, so nothing can be done for you later. Leave it out, or ask somebody with the role SimultaneousRing.Write.';
