import * as z from 'zod';

const restErrorSchema = z.object({
  statusCode: z.number().optional().catch(undefined),
  code: z.string().optional().catch(undefined),
  name: z.string().optional().catch(undefined),
  message: z.string().optional().catch(undefined),
  request: z.object({ url: z.string() }).optional().catch(undefined),
  details: z
    .object({
      odataError: z.object({ code: z.string() }).optional().catch(undefined),
      error: z
        .object({
          code: z.string().optional(),
          innerError: z.object({ code: z.string() }).optional().catch(undefined),
        })
        .optional()
        .catch(undefined),
    })
    .optional()
    .catch(undefined),
});

/** Tables refuse some requests in the XML of the other services, which their client does not read. */
const codeInXml = /^<\?xml[^<]*<Error>\s*<Code>(\w{1,100})<\/Code>/;

/** How a call of an Azure client failed: the HTTP status, undefined if no response came, and the most specific code. */
export interface RestFailure {
  readonly status: number | undefined;
  readonly code: string;
  /** The service's words. They may repeat what was sent, so that they are for tests of words only. */
  readonly message: string;
  /** The URL of the request, where the client tells it. */
  readonly url: string | undefined;
}

/**
 * Returns how a call of an Azure client failed. The clients put codes in different places: tables in
 * `details.odataError`, Key Vault in an inner error.
 */
export function restFailure(error: unknown): RestFailure {
  const read = restErrorSchema.safeParse(error);
  if (!read.success) return { status: undefined, code: 'unknown', message: '', url: undefined };
  const { statusCode, code, name, message = '', request, details } = read.data;
  const codes = [
    details?.error?.innerError?.code,
    details?.odataError?.code,
    code,
    details?.error?.code,
    codeInXml.exec(message)?.[1],
    name,
  ];
  return {
    status: statusCode,
    code: codes.find((one) => one !== undefined) ?? 'unknown',
    message,
    url: request?.url,
  };
}
