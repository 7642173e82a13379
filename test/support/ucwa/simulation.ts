import { onTestFinished } from 'vitest';
import {
  type SimulatorOptions,
  type Step,
  UcwaSimulator,
  type Variants,
} from '../../../infra/local/ucwa-simulator/simulator.ts';
import { alice, bob } from './users.ts';

/** Starts a simulator with Alice and Bob on free ports. It stops when the test ends. */
export async function simulate(options: Partial<SimulatorOptions> = {}): Promise<UcwaSimulator> {
  const simulator = new UcwaSimulator({ users: [alice, bob], ...options });
  await simulator.start();
  onTestFinished(() => simulator.stop());
  return simulator;
}

/** Starts a simulator that behaves differently in the given ways. */
export function simulateWith(
  variants: Partial<Variants>,
  options: Partial<SimulatorOptions> = {},
): Promise<UcwaSimulator> {
  return simulate({ ...options, variants });
}

/** Returns the steps of the requests that the simulator received, in order. */
export function stepsOf(simulator: UcwaSimulator): readonly Step[] {
  return simulator.requests.map(({ step }) => step);
}
