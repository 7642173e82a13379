import { UcwaError } from '../errors.ts';
import { shownHost } from '../shown-host.ts';
import type { Step } from '../steps.ts';
import { Link } from './link.ts';
import type { TrustProblem } from './trust.ts';

/** A URL that no request may go to. Nothing was sent to it. */
export class UntrustedHostError extends UcwaError {
  readonly problem: TrustProblem;
  /** The host that returned the URL; undefined where it comes from a setting. */
  readonly linkedBy: string | undefined;

  constructor(step: Step, url: URL, problem: TrustProblem = 'host') {
    super(
      step,
      url.hostname,
      (shown) => `${describe(step, url, problem, shown)}, so nothing was sent to it.`,
    );
    this.problem = problem;
    this.linkedBy = url instanceof Link ? shownHost(url.foundAtHost) : undefined;
  }
}

function describe(step: Step, url: URL, problem: TrustProblem, shown: string): string {
  const scheme = url.protocol === 'https:' ? '' : `${url.protocol}//`;
  if (!(url instanceof Link)) {
    return problem === 'host'
      ? `${scheme}${shown} is not trusted`
      : `${shown} is addressed ${trustProblems[problem]} in the ${step} step`;
  }
  const link = `A link that ${shownHost(url.foundAtHost)} returned in the ${url.foundInStep} step leads to`;
  return problem === 'host'
    ? `${link} ${scheme}${shown}, which is not trusted`
    : `${link} ${shown} ${trustProblems[problem]}`;
}

const trustProblems: Readonly<Record<Exclude<TrustProblem, 'host'>, string>> = {
  scheme: 'over http:// instead of https://',
  'user-info': 'with a user name or password in its address',
};
