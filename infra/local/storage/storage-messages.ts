import * as z from 'zod';

const port = z.number().int().min(0).max(65_535);

const portsSchema = z.object({ blob: port, queue: port, table: port });

/** The first message to the storage process. */
export const optionsSchema = z.object({
  ports: portsSchema,
  oauth: z.object({ key: z.string(), cert: z.string() }).optional(),
});

/** The reply of the storage process: its ports, or why it could not start. */
export const reportSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('started'), ports: portsSchema }),
  z.object({ kind: z.literal('port-in-use'), port }),
  z.object({ kind: z.literal('failed'), message: z.string() }),
]);

/** A TCP port for each service; 0 is any free one. */
export type StoragePorts = z.infer<typeof portsSchema>;

/** The ports, and the certificate (PEM text) for https and tokens. */
export type StorageOptions = z.infer<typeof optionsSchema>;

export type StorageReport = z.infer<typeof reportSchema>;

/** Thrown when another process uses a port of local storage. */
export class PortInUseError extends Error {
  override readonly name = 'PortInUseError';
  readonly code = 'EADDRINUSE';
  readonly port: number;

  constructor(port: number, options?: ErrorOptions) {
    super(
      `Port ${port} on 127.0.0.1 is in use: stop the process that uses it, or choose another port.`,
      options,
    );
    this.port = port;
  }
}
