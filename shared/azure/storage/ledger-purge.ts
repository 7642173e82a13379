import { odata, type TableClient, type TransactionAction } from '@azure/data-tables';
import { type StoredPart, transactionSize } from '../../ring/ports/ledger.ts';
import { batchList, batchOf, entriesPartition, listRow } from './ledger-rows.ts';
import { storageCall, storagePages } from './storage-call.ts';

type ReadParts = (batch: string) => Promise<readonly StoredPart[]>;

/**
 * Removes the batches to which nothing was added since `beforeMs`, except those with an entry that is not final: a message
 * still carries it. Returns how many.
 */
export async function purgeBatches(
  table: TableClient,
  readParts: ReadParts,
  beforeMs: number,
): Promise<number> {
  const youngest = listRow({ batch: '', createdAtMs: beforeMs });
  const filter = odata`PartitionKey eq ${batchList} and RowKey gt ${youngest}`;
  const pages = table.listEntities({ queryOptions: { filter } }).byPage();
  let purged = 0;
  for await (const page of storagePages('list old batches', pages)) {
    for (const { rowKey = '' } of page) {
      const parts = await readParts(batchOf(rowKey));
      if (parts.some(({ enteredAtMs, finished }) => enteredAtMs >= beforeMs || !finished)) continue;
      await purgeBatch(table, rowKey, parts);
      purged += 1;
    }
  }
  return purged;
}

/** Removes the row in the list last, so that the next purge finishes one that fails in between. */
async function purgeBatch(table: TableClient, row: string, parts: readonly StoredPart[]): Promise<void> {
  const batch = batchOf(row);
  for (const { part } of parts) await deletePartition(table, entriesPartition({ batch, part }));
  await deletePartition(table, batch);
  await storageCall('remove a batch from the list', () => table.deleteEntity(batchList, row));
}

async function deletePartition(table: TableClient, partitionKey: string): Promise<void> {
  const filter = odata`PartitionKey eq ${partitionKey}`;
  const queryOptions = { filter, select: ['PartitionKey', 'RowKey'] };
  const pages = table.listEntities({ queryOptions }).byPage({ maxPageSize: transactionSize });
  for await (const page of storagePages('list old rows', pages)) {
    const actions = page.map(({ rowKey = '' }): TransactionAction => ['delete', { partitionKey, rowKey }]);
    if (actions.length > 0) await storageCall('remove old rows', () => table.submitTransaction(actions));
  }
}
