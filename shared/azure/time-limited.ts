import { createDefaultHttpClient, type HttpClient, RestError } from '@azure/core-rest-pipeline';

/**
 * The way out to storage, with a time limit for each try. The clients have none of their own, and a connection that a load
 * balancer dropped without a word would keep a call waiting for ever. A try whose time is over counts as a failed
 * connection, which the clients try again.
 */
export function createTimeLimitedClient(tryLimitMs: number): HttpClient {
  const client = createDefaultHttpClient();
  return {
    sendRequest: async (request) => {
      request.timeout = tryLimitMs;
      try {
        return await client.sendRequest(request);
      } catch (error) {
        const isOver =
          error instanceof Error && error.name === 'AbortError' && request.abortSignal?.aborted !== true;
        if (!isOver) throw error;
        throw new RestError(`No answer within ${tryLimitMs} ms.`, { code: 'ETIMEDOUT' });
      }
    },
  };
}
