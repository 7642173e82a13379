import * as z from 'zod';
import { batchNameSchema, sourceMaxLength } from '../../ring/batch/message/envelope.ts';
import { userSchema } from '../../ring/model/parse-request.ts';
import { correlationHeader } from '../correlation.ts';
import { sourceHeader } from '../source.ts';
import type { JsonSchema } from './json-schema.ts';
import { requestSchema } from './request-schemas.ts';

/** A parameter of a route, or a reference to one. */
export type Parameter = Readonly<Record<string, unknown>>;

/** Parameters that several routes have. */
export const parameters = {
  user: {
    name: 'user',
    in: 'path',
    required: true,
    description: "The user's SIP address, with or without `sip:`, in any case, of a domain in SIP_DOMAINS.",
    schema: inputOf(userSchema),
    example: 'alice@contoso.com',
  },
  batch: {
    name: 'batch',
    in: 'path',
    required: true,
    description: 'The name of the batch.',
    schema: inputOf(batchNameSchema),
    example: 'hr-2026-11-23',
  },
  correlationId: {
    name: correlationHeader,
    in: 'header',
    description:
      'An id for the log and for requests to UCWA. The response has it; without a valid one a new one is made.',
    schema: { type: 'string', pattern: '^[A-Za-z0-9._-]{1,64}$' },
  },
  source: {
    name: sourceHeader,
    in: 'header',
    description: 'What the caller says of itself: printable ASCII. It is not verified.',
    schema: { type: 'string', maxLength: sourceMaxLength, pattern: '^[ -~]*$' },
  },
} satisfies Readonly<Record<string, Parameter>>;

/** Returns a reference to a parameter that several routes have. */
export function parameter(name: keyof typeof parameters): Parameter {
  return { $ref: `#/components/parameters/${name}` };
}

/** Returns the parameters of a query, with a description of each. */
export function queryParameters<Schema extends z.ZodObject>(
  schema: Schema,
  descriptions: Readonly<Record<keyof Schema['shape'] & string, string>>,
): readonly Parameter[] {
  const { properties = {} } = requestSchema(schema, descriptions);
  return Object.entries(properties).map(([name, property]) => {
    const { description, ...shape }: JsonSchema = Object(property);
    return { name, in: 'query', description, schema: shape };
  });
}

function inputOf(schema: z.ZodType): JsonSchema {
  const { $schema: _dialect, ...shape } = z.toJSONSchema(schema, { io: 'input' });
  return shape;
}
