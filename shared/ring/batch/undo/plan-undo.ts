import { parseSipUri } from '../../../ucwa/uri.ts';
import { orderOf } from '../../model/request-order.ts';
import { digestOf } from '../message/digest.ts';
import type { UndoMessage } from '../message/undo-message.ts';
import type { MessagePlan } from '../plan.ts';
import type { UndoItem } from '../work-item.ts';

/** Reads the entries of an undo message, which we wrote. */
export function planUndo({ entries, generation, part, dryRun, undoes }: UndoMessage): MessagePlan<UndoItem> {
  const requestedAtMs = Date.parse(undoes.requestedAt);
  const read = entries.map((properties) => {
    const { user: address, entry, from, ref, attempts = 0 } = properties;
    const user = parseSipUri(address);
    if (user === undefined) throw new Error('A message of our own names a user without a SIP address.');
    const digest = digestOf([dryRun, user, entry, from]);
    const identity = { batch: undoes.batch, part, entry };
    const item = {
      kind: 'undo',
      entry,
      user,
      attempts,
      properties,
      undoes: orderOf(identity, requestedAtMs, from),
    } as const;
    const shown = { entry, user, generation, digest, ...(ref === undefined ? {} : { ref }) };
    return { shown, item };
  });
  const digests = read.map(({ shown }) => [shown.entry, shown.digest] as const);
  const digest = digestOf(digests);
  return {
    digest,
    digestsOf01: () => ({ part: digest, entries: new Map(digests) }),
    entries: read.map(({ shown }) => shown),
    items: read.map(({ item }) => item),
  };
}
