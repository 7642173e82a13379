import { bodyProperty, type Exchange, queryParameter } from '../exchange/exchange.ts';
import { invalidParameters, refusals } from '../representations/errors.ts';
import type { StatusAnswer } from '../types.ts';

interface Refused {
  readonly refused: StatusAnswer;
}

const longestTarget = 80;
const telUri = /^tel:\+?[\d().-]*\d[\d().-]*(;[^\s]+)?$/i;
const sipUri = /^sip:[^@\s]+@[^@\s]+$/i;

/** Returns the target of a request, unchecked, and where it was found. */
export function findTarget(exchange: Exchange): { target: string; targetIn: 'body' | 'query' } | undefined {
  const inBody = bodyProperty(exchange.input, 'target');
  if (typeof inBody === 'string') return { target: inBody, targetIn: 'body' };
  const inQuery = queryParameter(exchange.query, 'target');
  return inQuery === undefined ? undefined : { target: inQuery, targetIn: 'query' };
}

/** Reads the target of an operation: a `tel:` or `sip:` URI of at most 80 characters. */
export function readContactTarget(exchange: Exchange): { readonly uri: string } | Refused {
  const found = findTarget(exchange);
  const refusesBody = exchange.simulation.configuration.variants.targetInBody === 'refused';
  if (!found || found.target === '' || (found.targetIn === 'body' && refusesBody)) {
    return { refused: invalidParameters({ name: 'target', reason: 'missing' }) };
  }
  if (found.target.length > longestTarget) {
    return {
      refused: invalidParameters({ name: 'target', reason: `longer than ${longestTarget} characters` }),
    };
  }
  const isValid = telUri.test(found.target) || sipUri.test(found.target);
  return isValid ? { uri: found.target } : { refused: refusals.normalizationFailed };
}

/** Reads the optional delay: whole seconds from `least` to `most`. */
export function readRingDelay(
  exchange: Exchange,
  least: number,
  most: number,
): { readonly ringDelay: number | undefined } | Refused {
  const value = bodyProperty(exchange.input, 'ringDelay') ?? queryParameter(exchange.query, 'ringDelay');
  if (value === undefined || value === null) return { ringDelay: undefined };
  const ringDelay = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (
    typeof ringDelay === 'number' &&
    Number.isInteger(ringDelay) &&
    ringDelay >= least &&
    ringDelay <= most
  ) {
    return { ringDelay };
  }
  return { refused: invalidParameters({ name: 'ringDelay', reason: `not between ${least} and ${most}` }) };
}
