import * as z from 'zod';

const restForm = z.object({
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

/**
 * What an error of an Azure client says: its HTTP status, undefined where no answer came, and the most telling code.
 * The clients put codes in different places: tables in `details.odataError`, Key Vault in an inner error.
 */
export function restFailure(error: unknown): { readonly status: number | undefined; readonly code: string } {
  const read = restForm.safeParse(error);
  if (!read.success) return { status: undefined, code: 'unknown' };
  const { statusCode, code, name, details } = read.data;
  const told =
    details?.error?.innerError?.code ?? details?.odataError?.code ?? code ?? details?.error?.code ?? name;
  return { status: statusCode, code: told ?? 'unknown' };
}
