import * as z from 'zod';
import { HostConfigurationError } from './configuration-error.ts';
import type { Registration } from './function-app.ts';

interface Definition {
  readonly name: string;
  /** The name of the trigger's binding, which the library generates with a hash. */
  readonly bindingName: string;
  readonly registration: Registration;
}

/** A function with an HTTP trigger; its route has no prefix yet. */
export interface HttpFunction extends Definition {
  readonly trigger: 'http';
  readonly route: string;
  readonly methods: readonly string[];
  readonly authLevel: 'anonymous' | 'function' | 'admin';
}

/** A function with a queue trigger; `connection` is a prefix of settings, as in `BulkStorage`. */
export interface QueueFunction extends Definition {
  readonly trigger: 'queue';
  readonly queue: string;
  readonly connection: string;
}

/** A function with a timer trigger. */
export interface TimerFunction extends Definition {
  readonly trigger: 'timer';
  readonly schedule: string;
  readonly runOnStartup: boolean;
  readonly useMonitor: boolean;
}

export type FunctionDefinition = HttpFunction | QueueFunction | TimerFunction;

const triggerSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('httptrigger'),
    route: z.string().optional(),
    methods: z.array(z.string().toUpperCase()),
    authLevel: z.enum(['anonymous', 'function', 'admin']).default('function'),
  }),
  z.object({
    type: z.literal('queuetrigger'),
    queueName: z.string(),
    connection: z.string().default('AzureWebJobsStorage'),
  }),
  z.object({
    type: z.literal('timertrigger'),
    schedule: z.string(),
    runOnStartup: z.boolean().default(false),
    useMonitor: z.boolean().default(true),
  }),
]);

/**
 * Reads the trigger of a registered function, with `%SETTING%` replaced from the environment. Throws a
 * `HostConfigurationError` for triggers and bindings that this host does not support.
 */
export function defineFunction(
  registration: Registration,
  environment: NodeJS.ProcessEnv,
): FunctionDefinition {
  const { name, bindings } = registration.metadata;
  refuseOtherBindings(registration);
  const [bindingName, binding] =
    Object.entries(bindings).find(([, { type }]) => /trigger$/i.test(type)) ?? [];
  const parsed = triggerSchema.safeParse({ ...binding, type: binding?.type.toLowerCase() });
  if (!parsed.success || bindingName === undefined) {
    const reason = parsed.error?.issues
      .map((issue) => `${issue.path.join('.')}: ${issue.message}`)
      .join('; ');
    throw new HostConfigurationError(
      `Function "${name}" has a trigger that this host does not support (HTTP, queue and timer are). ${reason ?? ''}`,
    );
  }
  const resolve = (text: string) => resolveSettings(text, name, environment);
  return { name, bindingName, registration, ...readTrigger(parsed.data, name, resolve) };
}

type Trigger =
  | Omit<HttpFunction, keyof Definition>
  | Omit<QueueFunction, keyof Definition>
  | Omit<TimerFunction, keyof Definition>;

function readTrigger(
  trigger: z.infer<typeof triggerSchema>,
  functionName: string,
  resolve: (text: string) => string,
): Trigger {
  switch (trigger.type) {
    case 'httptrigger': {
      const { methods, authLevel, route } = trigger;
      // The default route of a function is its name.
      return { trigger: 'http', route: resolve(route || functionName), methods, authLevel };
    }
    case 'queuetrigger':
      return {
        trigger: 'queue',
        queue: resolve(trigger.queueName).toLowerCase(),
        connection: trigger.connection,
      };
    case 'timertrigger': {
      const { runOnStartup, useMonitor } = trigger;
      return { trigger: 'timer', schedule: resolve(trigger.schedule), runOnStartup, useMonitor };
    }
  }
}

function refuseOtherBindings({ metadata }: Registration): void {
  for (const { type, direction } of Object.values(metadata.bindings)) {
    const isSupported = /trigger$/i.test(type) || (direction === 'out' && type.toLowerCase() === 'http');
    if (!isSupported) {
      throw new HostConfigurationError(
        `Function "${metadata.name}" has a binding "${type}", which this host does not support.`,
      );
    }
  }
}

function resolveSettings(text: string, functionName: string, environment: NodeJS.ProcessEnv): string {
  return text.replace(/%([^%]+)%/g, (_, setting: string) => {
    const value = environment[setting];
    if (value === undefined) {
      throw new HostConfigurationError(
        `Function "${functionName}" names the setting "${setting}", which is not set.`,
      );
    }
    return value;
  });
}
