import { expect, it } from 'vitest';
import type { AttemptReport } from '../../../../../shared/ring/attempt/attempt.ts';
import { classify } from '../../../../../shared/ring/attempt/decision-table.ts';
import { settledOutcome } from '../../../../../shared/ring/user/change-outcome.ts';
import { startProgress } from '../../../../../shared/ring/user/progress.ts';
import { failed } from '../../../../../shared/runtime/result.ts';
import { sip } from '../../../../support/ring/addresses.ts';
import { responseError } from '../../../../support/ring/response-error.ts';
import { invocation } from '../../../../support/ring/ring-deps.ts';

const user = sip('alice@contoso.com');
const remembered = { target: 'sip:bob@contoso.com', ringDelaySeconds: 25 };

it('the outcome of a settled change can be told before and after the claim is released, and changes nothing', () => {
  const error = responseError(503);
  const failure = classify(error);
  if (failure === undefined) throw new Error('503 is a failure.');
  const report: AttemptReport<never> = {
    result: failed({ failure, error, disposition: 'defer' }),
    attempts: 3,
    recovery: ['retry', 'retry'],
    requests: 12,
    hasReached: true,
    signIns: { refusedVersion: undefined, signIns: undefined },
    servingHosts: new Set(),
    durationMs: 0,
    mayStillLand: false,
  };
  const progress = startProgress(
    { previous: undefined, before: undefined, pending: undefined, mayHaveWritten: true },
    remembered,
  );
  const told = settledOutcome(invocation(), { user }, report, progress);
  expect(told).toMatchObject({ outcome: 'applied', warnings: [{ code: 'unanswered-not-restored' }] });
  expect(progress.unanswered.toRestore).toEqual(remembered);
  expect(progress.unanswered.warnings).toEqual([]);
  expect(settledOutcome(invocation(), { user }, report, progress)).toEqual(told);
});
