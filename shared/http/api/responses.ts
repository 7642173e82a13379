import { type FailureCode, failureCodes } from '../../ring/model/failure-code.ts';
import { correlationHeader } from '../correlation.ts';
import { type ProblemError, type ProblemMembers, problemKind } from '../problem.ts';
import { type JsonSchema, listOf, objectOf, reference, text, word } from './json-schema.ts';
import { ucwa } from './outcome-schemas.ts';

/** The responses of a route, by status. */
export type Responses = Readonly<Record<string, unknown>>;

/** The headers that several responses have. */
export const headers = {
  correlationId: {
    description: "The caller's id, or a new one. The log has it too.",
    required: true,
    schema: { type: 'string' },
  },
  location: { description: 'The URL of the batch.', required: true, schema: { type: 'string' } },
  retryAfter: {
    description: 'After how many seconds to try again.',
    required: true,
    schema: { type: 'integer', minimum: 1 },
  },
  authenticate: {
    description: 'With Entra: `Bearer`, with the reason in `error` and `error_description`.',
    schema: { type: 'string' },
  },
  contentDisposition: {
    description: 'The name of the file.',
    required: true,
    schema: { type: 'string' },
  },
} as const;

/** Returns the headers of a response by name; every response has the correlation id. */
function headersOf(more: Readonly<Record<string, keyof typeof headers>>): Readonly<Record<string, unknown>> {
  const names: readonly (readonly [string, string])[] = [
    [correlationHeader, 'correlationId'],
    ...Object.entries(more),
  ];
  return Object.fromEntries(names.map(([name, key]) => [name, { $ref: `#/components/headers/${key}` }]));
}

/** Returns a JSON response with a schema, or one of those of the description by its name. */
export function json(
  schema: string | JsonSchema,
  description: string,
  more: Readonly<Record<string, keyof typeof headers>> = {},
) {
  return {
    description,
    headers: headersOf(more),
    content: { 'application/json': { schema: typeof schema === 'string' ? reference(schema) : schema } },
  };
}

/** Returns a response that is JSON, or a CSV file for a request that prefers it in `Accept`. */
export function jsonOrCsv(schema: string, description: string) {
  const { content, ...response } = json(schema, description);
  return { ...response, content: { ...content, 'text/csv': { schema: { type: 'string' } } } };
}

interface Problem extends ProblemMembers {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code?: FailureCode;
}

/** An error response. */
export const problemSchema: JsonSchema = objectOf<Problem>(
  'An error as RFC 9457 defines it.',
  {
    type: text('A URI that stands for the code.'),
    title: text('The kind of error.'),
    status: { type: 'integer', description: 'The HTTP status.' },
    detail: text('What happened, to what, and what to do.'),
    correlationId: text('The log has it too.'),
  },
  {
    code: word(failureCodes, 'Stable. Absent where nobody foresaw the error (500).'),
    user: text("The user's address."),
    errors: listOf(
      objectOf<ProblemError>(
        'One thing that is wrong with the request.',
        { pointer: text('Where, as a JSON pointer.'), detail: text('What is wrong, and how to correct it.') },
        {
          line: { type: 'integer', minimum: 1, description: 'The line of a CSV file.' },
          column: text('The column of a CSV file, by its own name.'),
        },
      ),
      'Everything that is wrong with the request.',
    ),
    ucwa,
  },
);

/** Returns the error responses of a route that ends with these codes, by status, those to callers who may not use it included. */
export function problems(...codes: readonly FailureCode[]): Responses {
  const all = ['unauthenticated', 'user-not-allowed', ...codes] as const;
  return { ...openProblems(...all), '401': unidentified };
}

/** Does the same for a route that is open to everybody. */
export function openProblems(...codes: readonly FailureCode[]): Responses {
  const statuses = [...new Set(codes.map((code) => problemKind(code).status))];
  const expected = statuses.map((status) => {
    const ofStatus = codes.filter((code) => problemKind(code).status === status);
    return [String(status), problemResponse(ofStatus, status)] as const;
  });
  return { ...Object.fromEntries(expected), '500': unforeseen };
}

function problemResponse(codes: readonly FailureCode[], status: number) {
  const described = codes.map((code) => `\`${code}\`: ${problemKind(code).title}.`);
  const schema = {
    allOf: [reference('Problem')],
    properties: { code: { enum: codes } },
    // While the tenant's keys are out of reach nothing is known of a request, and no code stands for that.
    ...(status === 503 ? {} : { required: ['code'] }),
  };
  const unchecked = status === 503 ? ['Without a code: the caller cannot be identified now.'] : [];
  return {
    description: [...described, ...unchecked].join(' '),
    headers: headersOf(status === 503 ? { 'retry-after': 'retryAfter' } : {}),
    content: { 'application/problem+json': { schema } },
  };
}

const unforeseen = {
  description: 'An error that nobody foresaw. The log has its cause. Trying again is safe.',
  headers: headersOf({}),
  content: { 'application/problem+json': { schema: reference('Problem') } },
};

/** The platform responds without a body where it checks keys, and so without any of our headers. */
const unidentified = {
  description:
    'With function keys: there is no valid one; Azure sends this, without a body. With Entra: there is no valid token, and `WWW-Authenticate` says why.',
  headers: { 'www-authenticate': { $ref: '#/components/headers/authenticate' } },
  content: problemResponse(['unauthenticated'], 401).content,
};
