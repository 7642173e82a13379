/** The variables that set ports, with their defaults. */
export const standardPorts = {
  PORT_FUNCTIONS: 7071,
  PORT_BLOB: 10000,
  PORT_QUEUE: 10001,
  PORT_TABLE: 10002,
  PORT_UCWA: 7080,
  PORT_UCWA_POOL: 7081,
  PORT_KEY_VAULT: 7090,
  PORT_ENTRA: 7091,
} as const;

export type PortVariable = keyof typeof standardPorts;
export type Ports = Readonly<Record<PortVariable, number>>;

/** An error in the use of a command: only its message is printed. */
export class UsageError extends Error {}

/** Reads the ports from the environment; 0 is any free one. Throws {@link UsageError} that names the variable. */
export function readPorts(environment: NodeJS.ProcessEnv, standard: Ports = standardPorts): Ports {
  const read = (variable: PortVariable): number => {
    const text = environment[variable]?.trim() ?? '';
    if (text === '') return standard[variable];
    const port = Number(text);
    if (/^\d+$/.test(text) && port <= 65_535) return port;
    throw new UsageError(`${variable} must be a port number from 0 to 65535, where 0 is any free one.`);
  };
  return {
    PORT_FUNCTIONS: read('PORT_FUNCTIONS'),
    PORT_BLOB: read('PORT_BLOB'),
    PORT_QUEUE: read('PORT_QUEUE'),
    PORT_TABLE: read('PORT_TABLE'),
    PORT_UCWA: read('PORT_UCWA'),
    PORT_UCWA_POOL: read('PORT_UCWA_POOL'),
    PORT_KEY_VAULT: read('PORT_KEY_VAULT'),
    PORT_ENTRA: read('PORT_ENTRA'),
  };
}

/** Any free ports, for commands that must not clash with a running system. */
export const freePorts: Ports = {
  PORT_FUNCTIONS: 0,
  PORT_BLOB: 0,
  PORT_QUEUE: 0,
  PORT_TABLE: 0,
  PORT_UCWA: 0,
  PORT_UCWA_POOL: 0,
  PORT_KEY_VAULT: 0,
  PORT_ENTRA: 0,
};

/** Calls `start`, and turns the error for a port in use into a {@link UsageError} that names the variable to change. */
export async function startOn<T>(
  ports: Ports,
  variables: readonly PortVariable[],
  start: () => Promise<T>,
): Promise<T> {
  try {
    return await start();
  } catch (error) {
    if (!isPortInUse(error)) throw error;
    const variable = variables.find((name) => ports[name] === error.port) ?? variables[0];
    throw new UsageError(
      `Port ${error.port} is in use: set ${variable} to another port, or to 0 for any free one. An earlier start may still be running.`,
    );
  }
}

function isPortInUse(error: unknown): error is Error & { port: number } {
  return (
    error instanceof Error &&
    'code' in error &&
    error.code === 'EADDRINUSE' &&
    'port' in error &&
    typeof error.port === 'number'
  );
}
