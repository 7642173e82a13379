import { describe, expect, it } from 'vitest';
import type { RingEvent } from '../../../../shared/ring/ports/events.ts';
import { bookQueries, logQueries } from '../../../support/infra/alert-queries.ts';

type Fields<Name extends RingEvent['event']> = Readonly<
  Record<Exclude<keyof Extract<RingEvent, { event: Name }>, 'level'>, true>
>;

const pool = { event: true, host: true } as const;
const entry = { event: true, correlationId: true, batch: true, part: true } as const;

/** The fields of every event as the log has them. The compiler requires each event and field here, and no other. */
const eventFields: { readonly [Name in RingEvent['event']]: Fields<Name> } = {
  'ring-failed': {
    event: true,
    correlationId: true,
    user: true,
    failure: true,
    code: true,
    end: true,
    host: true,
    status: true,
    subcode: true,
    diagnostics: true,
    recovery: true,
    requests: true,
    durationMs: true,
    batch: true,
  },
  'ring-changed': {
    event: true,
    correlationId: true,
    user: true,
    ring: true,
    outcome: true,
    previousRing: true,
    source: true,
    by: true,
    batch: true,
    durationMs: true,
    recovery: true,
  },
  'undo-failed': {
    event: true,
    correlationId: true,
    user: true,
    batch: true,
    undoes: true,
    code: true,
  },
  'batch-cancelled': { event: true, correlationId: true, batch: true, by: true },
  'claim-lost': { event: true, correlationId: true, user: true },
  'pool-used': pool,
  'pool-paused': pool,
  'pool-resumed': pool,
  'message-rejected': { event: true, correlationId: true, batch: true, part: true, reasons: true },
  'message-poisoned': { event: true, correlationId: true, batch: true, reasons: true },
  'message-begun-anew': entry,
  'batch-exists': { ...entry, entries: true },
  'queue-watch': { event: true, waiting: true, oldestId: true, oldestSeconds: true, poisoned: true },
  'results-purged': { event: true, batches: true, users: true },
  'storage-unavailable': { event: true, correlationId: true, detail: true },
  'tenant-keys-unavailable': { event: true, detail: true },
  'unexpected-error': { event: true, correlationId: true, detail: true, stack: true },
};

describe('the query of an alert or a tile', () => {
  const readings = logQueries.flatMap(({ name, readings: all }) => all.map((one) => [name, one] as const));

  it.each(readings)('%s reads an event that the code logs, by fields that it has', (_name, reading) => {
    const known = Object.entries(eventFields).find(([event]) => event === reading.says['event']);
    expect(known).toBeDefined();
    expect(Object.keys(known?.[1] ?? {})).toEqual(expect.arrayContaining([...reading.fields]));
  });
});

describe('a query to copy', () => {
  const fields = new Set(Object.values(eventFields).flatMap((event) => Object.keys(event)));

  it.each(bookQueries.map(({ name, text }) => [name, text] as const))(
    '%s reads only fields that an event has',
    (_name, text) => {
      const read = [...text.matchAll(/\bline\.(\w+)/g)].map(([, field = '']) => field);
      expect(read.filter((field) => !fields.has(field))).toEqual([]);
    },
  );

  it('is there for a batch, a correlation id, a user and the vault', () => {
    expect(bookQueries).toHaveLength(4);
  });
});
