import { onTestFinished } from 'vitest';
import {
  type SimulatorOptions,
  type Step,
  UcwaSimulator,
  type Variants,
} from '../../../infra/local/ucwa-simulator/simulator.ts';
import { alice, bob } from './people.ts';

/** Starts a simulator with Alice and Bob on ports from the system; it stops when the test ends. */
export async function simulate(options: Partial<SimulatorOptions> = {}): Promise<UcwaSimulator> {
  const simulator = new UcwaSimulator({ users: [alice, bob], ...options });
  await simulator.start();
  onTestFinished(() => simulator.stop());
  return simulator;
}

/** A simulator that differs in the ways given. */
export function simulateWith(
  variants: Partial<Variants>,
  options: Partial<SimulatorOptions> = {},
): Promise<UcwaSimulator> {
  return simulate({ ...options, variants });
}

/** What the simulator was asked, in order. */
export function stepsOf(simulator: UcwaSimulator): readonly Step[] {
  return simulator.requests.map(({ step }) => step);
}
