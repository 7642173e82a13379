import * as z from 'zod';

const port = z.number().int().min(0).max(65_535);

const portsSchema = z.object({ blob: port, queue: port, table: port });

/** What the storage process is told to begin with. */
export const optionsSchema = z.object({
  ports: portsSchema,
  oauth: z.object({ key: z.string(), cert: z.string() }).optional(),
});

/** What the storage process tells: that it listens, or why it cannot. */
export const reportSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('started'), ports: portsSchema }),
  z.object({ kind: z.literal('busy'), port }),
  z.object({ kind: z.literal('failed'), message: z.string() }),
]);

/** A TCP port for each service; 0 asks for any free one. */
export type StoragePorts = z.infer<typeof portsSchema>;

/** The ports, and the certificate (PEM text) of a storage that speaks https and takes tokens. */
export type StorageOptions = z.infer<typeof optionsSchema>;

export type StorageReport = z.infer<typeof reportSchema>;

/** A port that the storage was told to listen on is taken by someone else. */
export class PortBusyError extends Error {
  override readonly name = 'PortBusyError';
  readonly code = 'EADDRINUSE';
  readonly port: number;

  constructor(port: number, options?: ErrorOptions) {
    super(`Port ${port} on 127.0.0.1 is taken: end what uses it or choose another.`, options);
    this.port = port;
  }
}
