import { createDefaultHttpClient, type HttpClient, RestError } from '@azure/core-rest-pipeline';

/**
 * Creates an HTTP client that limits the time of each try, from its start to the end of its body. The table client has no
 * limit of its own: a connection that a load balancer dropped silently would keep a call waiting for ever. A try that
 * takes too long fails like a broken connection, and the table client retries it.
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
        throw new RestError(`No response within ${tryLimitMs} ms.`, { code: 'ETIMEDOUT' });
      } finally {
        clearTimeout(timer);
        abortSignal?.removeEventListener('abort', onAbort);
        if (abortSignal === undefined) delete request.abortSignal;
        else request.abortSignal = abortSignal;
      }
    },
  };
}
