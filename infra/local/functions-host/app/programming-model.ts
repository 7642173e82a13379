import * as z from 'zod';
import type { LogLevel } from '../runtime/log.ts';

// The contract of `@azure/functions-core` between the worker and the library. The module exists in the real worker only,
// so that its types are repeated here
// (https://github.com/Azure/azure-functions-nodejs-worker/blob/v3.x/types-core/index.d.ts).

/** A value passed between host and worker; exactly one property is set. */
export interface TypedData {
  readonly string?: string;
  readonly json?: string;
  readonly bytes?: Uint8Array;
  readonly http?: HttpData;
}

export type NullableStrings = Record<string, { readonly value: string }>;

/** A request as the host passes it to the worker. */
export interface HttpData {
  readonly method: string;
  readonly url: string;
  readonly nullableHeaders: NullableStrings;
  readonly nullableQuery: NullableStrings;
  readonly nullableParams: NullableStrings;
  readonly body?: { readonly bytes: Uint8Array };
}

/** A cookie as the library passes it to the host; `sameSite` `none` means unspecified. */
export interface CookieData {
  readonly name: string;
  readonly value: string;
  readonly domain?: { readonly value?: string | null } | null;
  readonly path?: { readonly value?: string | null } | null;
  readonly expires?: { readonly value?: { readonly seconds?: number | null } | null } | null;
  readonly maxAge?: { readonly value?: number | null } | null;
  readonly secure?: { readonly value?: boolean | null } | null;
  readonly httpOnly?: { readonly value?: boolean | null } | null;
  readonly sameSite?: 'none' | 'lax' | 'strict' | 'explicitNone';
}

/** A response as the library passes it to the host. */
export interface HttpResponseData {
  readonly statusCode: string;
  readonly headers: Record<string, string>;
  readonly cookies: readonly CookieData[];
  readonly body?: { readonly bytes?: Uint8Array } | null;
}

export interface InvocationRequest {
  readonly invocationId: string;
  readonly inputData: readonly { readonly name: string; readonly data: TypedData }[];
  readonly triggerMetadata: Record<string, TypedData>;
  readonly traceContext: { readonly traceParent: string; readonly traceState: string };
}

export interface CoreInvocationContext {
  readonly invocationId: string;
  readonly request: InvocationRequest;
  readonly metadata: FunctionMetadata;
  state?: 'preInvocationHooks' | 'invocation' | 'postInvocationHooks' | undefined;
  log(level: LogLevel, category: string, message: string): void;
}

export type FunctionCallback = (...inputs: unknown[]) => unknown;

export interface InvocationModel {
  getArguments(): Promise<{ context: unknown; inputs: unknown[] }>;
  invokeFunction(context: unknown, inputs: unknown[], callback: FunctionCallback): Promise<unknown>;
  getResponse(
    context: unknown,
    result: unknown,
  ): Promise<{ readonly returnValue?: { readonly http?: HttpResponseData } | null }>;
}

export interface ProgrammingModel {
  readonly name: string;
  readonly version: string;
  getInvocationModel(context: CoreInvocationContext): InvocationModel | Promise<InvocationModel>;
  getCapabilities?(
    capabilities: Record<string, string>,
  ): Promise<Record<string, string>> | Record<string, string>;
}

/** Recognises a model by its one required method, as the worker does. */
export const programmingModelSchema = z.custom<ProgrammingModel>(
  (value) =>
    z.object({ name: z.string(), version: z.string(), getInvocationModel: z.function() }).safeParse(value)
      .success,
  'expected a programming model',
);

export const functionCallbackSchema = z.custom<FunctionCallback>(
  (value) => typeof value === 'function',
  'expected a function',
);

export const functionMetadataSchema = z.looseObject({
  name: z.string().min(1),
  bindings: z.record(z.string(), z.looseObject({ type: z.string(), direction: z.string().optional() })),
});

export type FunctionMetadata = z.infer<typeof functionMetadataSchema>;
