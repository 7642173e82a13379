import type { TableClient } from '@azure/data-tables';
import type { BatchRecord, RegisteredBatch, SubmittedBatch } from '../../ring/ports/ledger.ts';
import { batchEntity, batchKey, batchList, listRow, readBatch } from './ledger-rows.ts';
import { getRow, isConflict, storageCall } from './storage-call.ts';

/** Returns the record of a batch; undefined if it does not exist. */
export async function readBatchRow(table: TableClient, batch: string): Promise<BatchRecord | undefined> {
  const entity = await getRow(table, 'read a batch', batchKey(batch));
  return entity === undefined ? undefined : readBatch(batch, entity);
}

/** Adds a batch to the list unless it is there. */
export async function registerBatch(
  table: TableClient,
  batch: string,
  createdAtMs: number,
  submitted?: SubmittedBatch,
): Promise<RegisteredBatch> {
  const first = { batch, createdAtMs, cancelled: false, ...(submitted === undefined ? {} : { submitted }) };
  const created = await storageCall(
    'register a batch',
    () => table.createEntity(batchEntity(first)),
    ({ status }) => (status === 409 ? ('exists' as const) : undefined),
  );
  const known = created === 'exists' ? await readBatchRow(table, batch) : undefined;
  const record = known ?? first;
  // Also where it exists: a crash may have kept it from the list.
  const listed = { partitionKey: batchList, rowKey: listRow(record) };
  await storageCall('list a batch', () => table.upsertEntity(listed, 'Merge'));
  return { ...record, existed: known !== undefined };
}

/** Adds what is submitted to a batch that is there without; registers one that is not there. */
export async function announceBatch(
  table: TableClient,
  batch: string,
  createdAtMs: number,
  submitted: SubmittedBatch,
): Promise<RegisteredBatch> {
  for (;;) {
    const entity = await getRow(table, 'read a batch', batchKey(batch));
    if (entity === undefined) return await registerBatch(table, batch, createdAtMs, submitted);
    const known = readBatch(batch, entity);
    if (known.submitted !== undefined) return { ...known, existed: true };
    const { etag } = entity;
    const announced = { ...known, submitted };
    const written = await storageCall(
      'announce a batch',
      () => table.updateEntity(batchEntity(announced), 'Merge', { etag }),
      (failure) => (isConflict(failure) ? ('conflict' as const) : undefined),
    );
    if (written !== 'conflict') return { ...announced, existed: false };
  }
}
