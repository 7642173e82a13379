import type { CallForwardingState, Fault, RecordedRequest, SimulatedUser, Variants } from '../types.ts';

/**
 * The part of the simulator that the control API uses. It is an interface of its own because the simulator serves the control
 * API: importing its class here would be a cycle.
 */
export interface ControlledSimulator {
  readonly requests: readonly RecordedRequest[];
  readonly lockouts: number;
  countsByStep(): Record<string, number>;
  countsByOperation(): Record<string, Record<string, number>>;
  totals(): { users: number; applications: number };
  state(sip: string): CallForwardingState;
  states(): Iterable<[sip: string, state: CallForwardingState]>;
  addUsers(users: readonly SimulatedUser[]): void;
  fail(fault: Fault): void;
  clearFaults(): void;
  clearRequests(): void;
  setVariants(variants: Partial<Variants>): void;
  setLatency(ms: number): void;
  setCapacity(requests: number | undefined): void;
  stopPool(name: string): Promise<void>;
  startPool(name: string): Promise<void>;
}
