import { onTestFinished } from 'vitest';
import {
  type Operation,
  type RecordedRequest,
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

/** The operation of a step in a plain run, for the steps that can concern several. */
const usualOperations: Partial<Record<Step, Operation>> = {
  discovery: 'root',
  'home-pool': 'user',
  read: 'callForwardingSettings',
  write: 'simultaneousRingToContact',
  'read-back': 'callForwardingSettings',
};

/** A step, followed by its operation where that is not the usual one: `write turnOffCallForwarding`. */
export type NamedStep = Step | `${Step} ${Operation}`;

/** Returns the simulator's requests in order, each as its step. */
export function stepsOf(simulator: UcwaSimulator): readonly NamedStep[] {
  return simulator.requests.map(nameStep);
}

/** Counts the simulator's recorded requests by step; has only what was requested. */
export function countsOf(simulator: UcwaSimulator): Partial<Record<NamedStep, number>> {
  const counts: Partial<Record<NamedStep, number>> = {};
  for (const step of stepsOf(simulator)) counts[step] = (counts[step] ?? 0) + 1;
  return counts;
}

export function nameStep({ step, operation }: Pick<RecordedRequest, 'step' | 'operation'>): NamedStep {
  const usual = usualOperations[step] ?? operation;
  return operation === undefined || operation === usual ? step : `${step} ${operation}`;
}
