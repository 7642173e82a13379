import { randomBytes } from 'node:crypto';

const traceParentPattern = /^00-([0-9a-f]{32})-[0-9a-f]{16}-([0-9a-f]{2})$/;

/** Returns the trace context of an invocation: the caller's trace with a new span, or a new trace. */
export function continueTrace(traceParent: string | undefined, traceState: string | undefined) {
  const [, traceId, flags] = traceParentPattern.exec(traceParent ?? '') ?? [];
  const ids = randomBytes(24).toString('hex');
  return {
    traceParent: `00-${traceId ?? ids.slice(0, 32)}-${ids.slice(32)}-${flags ?? '00'}`,
    traceState: traceId ? (traceState ?? '') : '',
  };
}
