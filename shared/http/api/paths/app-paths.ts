import { healthQuerySchema } from '../../health-query.ts';
import { type JsonSchema, listOf, objectOf, reference, text } from '../json-schema.ts';
import { parameter, queryParameters } from '../parameters.ts';
import { json, openProblems, problems } from '../responses.ts';

const tags = ['The app'];

interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly commands?: readonly string[];
}

interface Health {
  readonly healthy: boolean;
  readonly checks: readonly Check[];
}

/** What the routes of this file return. */
export const appSchemas = {
  Health: objectOf<Health>(
    'Whether the app and what it needs work.',
    {
      healthy: { type: 'boolean', description: 'Every check is well.' },
      checks: listOf(
        objectOf<Check>(
          'One check.',
          {
            name: text('What was checked.'),
            ok: { type: 'boolean', description: 'It works.' },
            detail: text('What was found, and what to do.'),
          },
          {
            commands: listOf(
              text('A command of the Azure CLI, for bash and PowerShell.'),
              'What mends it, in the order to run; left out where it is well, or no command mends it.',
            ),
          },
        ),
        'The checks.',
      ),
    },
    {},
  ),
} satisfies Readonly<Record<string, JsonSchema>>;

/** Two kinds of bodies: what the checks found, or that the tenant's keys are out of reach, so that nothing was checked. */
const unhealthy = (() => {
  const { content, ...response } = json(
    'Health',
    'A check is not well, or the caller cannot be identified now.',
  );
  return {
    ...response,
    content: { ...content, 'application/problem+json': { schema: reference('Problem') } },
  };
})();

/** The routes for the app itself. */
export const appPaths = {
  '/api/health': {
    get: {
      operationId: 'checkHealth',
      tags,
      summary: 'Checks settings, identity, Key Vault, storage and the way to the pool',
      parameters: [
        parameter('correlationId'),
        ...queryParameters(healthQuerySchema, { user: 'Also signs in as this user, and reads the ring.' }),
      ],
      responses: {
        '200': json('Health', 'All is well.'),
        ...problems('invalid-request'),
        '503': unhealthy,
      },
    },
  },
  '/api/openapi.json': {
    get: {
      operationId: 'describeApi',
      tags,
      summary: 'Returns this description',
      security: [],
      parameters: [parameter('correlationId')],
      responses: {
        '200': json({ type: 'object' }, 'The description, in OpenAPI 3.1.'),
        ...openProblems('invalid-request'),
      },
    },
  },
};
