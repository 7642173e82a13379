/** The queues, under the names that the deployment creates. */
export const queueNames = {
  bulk: 'simring-bulk',
  poison: 'simring-bulk-poison',
  results: 'simring-results',
} as const;

/** The tables, under the names that the deployment creates. */
export const tableNames = { ledger: 'simringledger', users: 'simringusers' } as const;
