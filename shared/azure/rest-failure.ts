import * as z from 'zod';

const restErrorSchema = z.object({
  statusCode: z.number().optional().catch(undefined),
  code: z.string().optional().catch(undefined),
  name: z.string().optional().catch(undefined),
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

/** How a call of an Azure client failed: the HTTP status, undefined if no response came, and the most specific code. */
export interface RestFailure {
  readonly status: number | undefined;
  readonly code: string;
}

/**
 * Returns how a call of an Azure client failed. The clients put codes in different places: tables in
 * `details.odataError`, Key Vault in an inner error.
 */
export function restFailure(error: unknown): RestFailure {
  const read = restErrorSchema.safeParse(error);
  if (!read.success) return { status: undefined, code: 'unknown' };
  const { statusCode, code, name, details } = read.data;
  const codes = [
    details?.error?.innerError?.code,
    details?.odataError?.code,
    code,
    details?.error?.code,
    name,
  ];
  return { status: statusCode, code: codes.find((one) => one !== undefined) ?? 'unknown' };
}
