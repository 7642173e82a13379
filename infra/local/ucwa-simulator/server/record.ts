import { bodyProperty, type Exchange } from '../exchange/exchange.ts';
import { findTarget } from '../routes/parameters.ts';
import type { Operation, Step } from '../steps.ts';
import type { RecordedRequest } from '../types.ts';

/** Returns the log's record of an exchange. It never holds a password or a token. */
export function recordOf(
  exchange: Exchange,
  step: Step,
  operation: Operation | undefined,
  status: RecordedRequest['status'],
): RecordedRequest {
  const { headers, simulation } = exchange;
  const found = exchange.method === 'POST' && step !== 'token' ? findTarget(exchange) : undefined;
  return {
    at: simulation.configuration.now(),
    step,
    operation,
    pool: exchange.origin.name,
    method: exchange.method,
    path: exchange.target,
    user: exchange.user?.profile.sip,
    status,
    atOnce: exchange.atOnce,
    correlationId: correlationIdOf(headers),
    contentType: headers['content-type'],
    contentLength: headers['content-length'],
    ifMatch: headers['if-match'],
    hasToken: headers.authorization !== undefined,
    target: found?.target,
    targetIn: found?.targetIn,
    endpointId: textOf(bodyProperty(exchange.input, 'endpointId')),
    username: step === 'token' ? usernameOf(exchange.body) : undefined,
  };
}

function correlationIdOf(headers: Exchange['headers']): string | undefined {
  const [id] = [headers['x-correlation-id'] ?? headers['x-ms-correlation-id']].flat();
  return id;
}

function usernameOf(form: string): string | undefined {
  return new URLSearchParams(form).get('username') ?? undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
