import type { Applications } from './applications.ts';
import type { Configuration } from './configuration.ts';
import type { FaultBook } from './pending-faults.ts';
import type { RequestLog } from './request-log.ts';
import type { Tokens } from './tokens.ts';
import type { Users } from './users.ts';

/** Where a server is reached. */
export interface Origin {
  /** `discovery` or the name of a pool. */
  readonly name: string;
  /** Among the pools; -1 for discovery. */
  readonly index: number;
  /** Without a slash at the end. */
  readonly url: string;
}

/** All that the simulator knows, in one place; every server of it shares it. */
export interface World {
  readonly configuration: Configuration;
  readonly users: Users;
  readonly tokens: Tokens;
  readonly applications: Applications;
  readonly faults: FaultBook;
  readonly log: RequestLog;
  readonly discovery: Origin;
  /** At least one; the first is the registrar. */
  readonly pools: readonly [Origin, ...Origin[]];
  /** How often an account was locked. */
  lockouts: number;
}

/** The home pool of a person. */
export function homeOf(world: World, pool: number): Origin {
  return world.pools[pool] ?? world.pools[0];
}
