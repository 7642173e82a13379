import { notReadName } from '../message/sent-properties.ts';

/**
 * The columns of a report beside those that are read: a report that is sent again is read as a file, and these are
 * ignored without a word, except for what a wrong row still has in `notRead`.
 */
export const reportColumns = [
  notReadName,
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
