import type { Applications } from './applications.ts';
import type { Configuration } from './configuration.ts';
import type { PendingFaults } from './pending-faults.ts';
import type { RequestLog } from './request-log.ts';
import type { Tokens } from './tokens.ts';
import type { Users } from './users.ts';

/** One server of the simulator: discovery or a pool. */
export interface Origin {
  /** `discovery` or the name of a pool. */
  readonly name: string;
  /** Position among the pools; -1 for discovery. */
  readonly index: number;
  /** Without a slash at the end. */
  readonly url: string;
}

/** The whole state of the simulator, shared by its servers. */
export interface Simulation {
  readonly configuration: Configuration;
  readonly users: Users;
  readonly tokens: Tokens;
  readonly applications: Applications;
  readonly faults: PendingFaults;
  readonly log: RequestLog;
  readonly discovery: Origin;
  /** At least one; the first is the registrar. */
  readonly pools: readonly [Origin, ...Origin[]];
  /** How often an account was locked. */
  lockouts: number;
}

/** Returns the pool with this index. */
export function poolAt(simulation: Simulation, index: number): Origin {
  return simulation.pools[index] ?? simulation.pools[0];
}
