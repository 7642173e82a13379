/** The queues and tables, as the deployment makes them. */
export const queueNames = {
  bulk: 'simring-bulk',
  poison: 'simring-bulk-poison',
  results: 'simring-results',
} as const;

export const tableNames = { ledger: 'simringledger', users: 'simringusers' } as const;
