/**
 * The columns of a report beside those that are read: a report that is sent again is read as a file, and these are
 * ignored without a word.
 */
export const reportColumns = [
  'part',
  'entry',
  'line',
  'outcome',
  'would',
  'code',
  'detail',
  'verified',
  'previous',
  'previousTarget',
  'warnings',
  'attempts',
  'requests',
  'recovery',
  'requestedAt',
  'endedAt',
  'nextTryAt',
  'provedAt',
  'batch',
  'source',
  'by',
  'dryRun',
  'correlationId',
] as const;
