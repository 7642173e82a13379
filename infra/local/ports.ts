/** The variables that name ports, and what each port serves when none is named. */
export const standardPorts = {
  PORT_FUNCTIONS: 7071,
  PORT_BLOB: 10000,
  PORT_QUEUE: 10001,
  PORT_TABLE: 10002,
  PORT_UCWA: 7080,
  PORT_UCWA_POOL: 7081,
  PORT_KEY_VAULT: 7090,
} as const;

export type PortVariable = keyof typeof standardPorts;
export type Ports = Readonly<Record<PortVariable, number>>;

/** A mistake of the person at the terminal: its message is all that is shown. */
export class UsageError extends Error {}

/** Reads the ports from the environment; 0 is any free one. Throws {@link UsageError} naming the variable. */
export function readPorts(environment: NodeJS.ProcessEnv, standard: Ports = standardPorts): Ports {
  const read = (variable: PortVariable): number => {
    const text = environment[variable]?.trim() ?? '';
    if (text === '') return standard[variable];
    const port = Number(text);
    if (/^\d+$/.test(text) && port <= 65_535) return port;
    throw new UsageError(`${variable} must be a port number from 0 to 65535; 0 is any free one.`);
  };
  return {
    PORT_FUNCTIONS: read('PORT_FUNCTIONS'),
    PORT_BLOB: read('PORT_BLOB'),
    PORT_QUEUE: read('PORT_QUEUE'),
    PORT_TABLE: read('PORT_TABLE'),
    PORT_UCWA: read('PORT_UCWA'),
    PORT_UCWA_POOL: read('PORT_UCWA_POOL'),
    PORT_KEY_VAULT: read('PORT_KEY_VAULT'),
  };
}

/** All ports free: for what must not meet anything that runs already. */
export const freePorts: Ports = {
  PORT_FUNCTIONS: 0,
  PORT_BLOB: 0,
  PORT_QUEUE: 0,
  PORT_TABLE: 0,
  PORT_UCWA: 0,
  PORT_UCWA_POOL: 0,
  PORT_KEY_VAULT: 0,
};

/** Starts something; a busy port becomes a {@link UsageError} that names the variable to change. */
export async function startOn<T>(
  ports: Ports,
  variables: readonly PortVariable[],
  start: () => Promise<T>,
): Promise<T> {
  try {
    return await start();
  } catch (error) {
    if (!isPortBusy(error)) throw error;
    const variable = variables.find((name) => ports[name] === error.port) ?? variables[0];
    throw new UsageError(
      `Port ${error.port} is busy: set ${variable} to another one, or to 0 for any free one. Perhaps an earlier start still runs.`,
    );
  }
}

function isPortBusy(error: unknown): error is Error & { port: number } {
  return (
    error instanceof Error &&
    'code' in error &&
    error.code === 'EADDRINUSE' &&
    'port' in error &&
    typeof error.port === 'number'
  );
}
