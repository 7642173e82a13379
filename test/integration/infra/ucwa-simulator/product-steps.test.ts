import { describe, expect, it } from 'vitest';
import type { Variants } from '../../../../infra/local/ucwa-simulator/simulator.ts';
import { steps } from '../../../../infra/local/ucwa-simulator/steps.ts';
import type { Step as ProductStep } from '../../../../shared/ucwa/steps.ts';
import { openClient, openSession, proven, setRing } from '../../../support/ucwa/client.ts';
import { simulateWith } from '../../../support/ucwa/simulation.ts';
import { alice, mobile } from '../../../support/ucwa/users.ts';

/** The compiler requires every step of the product here, and no other. */
const productSteps: Readonly<Record<ProductStep, true>> = {
  discovery: true,
  challenge: true,
  token: true,
  'home-pool': true,
  application: true,
  read: true,
  write: true,
  'read-back': true,
  contact: true,
  'clean-up': true,
};

describe('the steps of the simulator', () => {
  it("are the product's steps and `other`", () => {
    expect([...steps].sort()).toEqual([...Object.keys(productSteps), 'other'].sort());
  });

  it.each<Partial<Variants>>([
    {},
    { discovery: 'redirect-chain' },
    { discovery: 'http-redirect' },
    { homePool: 'redirect' },
    { settings: 'linked' },
  ])('are recorded as the product reports them, request by request, with %o', async (variants) => {
    const pools = { pools: ['registrar', 'home'], users: [{ ...alice, pool: 'home' }] };
    const simulator = await simulateWith(variants, pools);
    const reported: ProductStep[] = [];
    const onRequest = (step: ProductStep) => void reported.push(step);
    const session = openSession(openClient(simulator), alice, { onRequest });
    expect(await setRing(session, mobile)).toEqual(proven);
    expect(simulator.requests.map(({ step }) => step)).toEqual(reported);
  });
});
