import { ownSiteHeader, roles, selfScope } from '../callers/access.ts';
import { batchSchemas } from './batch-schemas.ts';
import { messageSchemas } from './message-schemas.ts';
import { outcomeSchemas } from './outcome-schemas.ts';
import { parameters } from './parameters.ts';
import { appPaths, appSchemas } from './paths/app-paths.ts';
import { bulkPaths } from './paths/bulk-paths.ts';
import { ringPaths } from './paths/ring-paths.ts';
import { usersPaths, usersSchemas } from './paths/users-paths.ts';
import { requestSchemas } from './request-schemas.ts';
import { headers, problemSchema } from './responses.ts';

const description = `Makes a user's calls ring a second number or contact at the same time, in Skype for Business Server: for one user over HTTPS, or for thousands from a file or a queue.

The schemas of requests say how to write them. What has their form is not refused for its form; other forms are taken too, such as names in another case or \`null\` for an optional property. What is refused for its meaning, such as a number that does not exist, depends on the settings of the app.

Responses may get further properties: ignore those that you do not know. A query parameter that a route does not have is refused. Azure sends some responses itself, without a problem and without a correlation id: 401 without a key (where keys are used), 404 for an unknown route, 413 for a body over 100 MB.`;

const entraScheme = `With the setting CALLERS=entra, in place of keys: an access token of version 2.0 of the Entra tenant for this API. ${Object.keys(roles).join(', ')} are app roles, of people and applications; ${selfScope} is a delegated scope for the three routes of one's own address. Behind App Service authentication the platform sends the token, and a change then needs the header ${ownSiteHeader}: 1.`;

/** Returns the description of the HTTP API and of the queue messages, in OpenAPI 3.1. */
export function describeApi() {
  return {
    openapi: '3.1.0',
    info: { title: 'Simultaneous ring for Skype for Business Server', version: '1', description },
    servers: [{ url: '/' }],
    security: [{ keyInHeader: [] }, { keyInQuery: [] }, { entra: [] }],
    paths: { ...ringPaths, ...usersPaths, ...bulkPaths, ...appPaths },
    components: {
      schemas: {
        ...requestSchemas,
        ...outcomeSchemas,
        ...batchSchemas,
        ...messageSchemas,
        ...usersSchemas,
        ...appSchemas,
        Problem: problemSchema,
      },
      parameters,
      headers,
      securitySchemes: {
        keyInHeader: {
          type: 'apiKey',
          in: 'header',
          name: 'x-functions-key',
          description: 'A function key.',
        },
        keyInQuery: {
          type: 'apiKey',
          in: 'query',
          name: 'code',
          description: 'A function key. It lands in the logs of proxies: prefer the header.',
        },
        entra: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: entraScheme,
        },
      },
    },
  };
}
