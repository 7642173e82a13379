import { createDefaultHttpClient, type HttpClient, RestError } from '@azure/core-rest-pipeline';

/**
 * The way out to tables, with a time limit for each try, from its start to the end of its body. The client has none of its
 * own, and a connection that a load balancer dropped without a word would keep a call waiting for ever. A try whose time
 * is over counts as a failed connection, which the client tries again.
 */
export function createTimeLimitedClient(tryLimitMs: number): HttpClient {
  const client = createDefaultHttpClient();
  return {
    sendRequest: async (request) => {
      const over = new AbortController();
      const timer = setTimeout(() => over.abort(), tryLimitMs);
      const { abortSignal } = request;
      const onAbort = () => over.abort();
      abortSignal?.addEventListener('abort', onAbort);
      request.abortSignal = over.signal;
      try {
        return await client.sendRequest(request);
      } catch (error) {
        if (!over.signal.aborted || abortSignal?.aborted === true) throw error;
        throw new RestError(`No answer within ${tryLimitMs} ms.`, { code: 'ETIMEDOUT' });
      } finally {
        clearTimeout(timer);
        abortSignal?.removeEventListener('abort', onAbort);
        if (abortSignal === undefined) delete request.abortSignal;
        else request.abortSignal = abortSignal;
      }
    },
  };
}
