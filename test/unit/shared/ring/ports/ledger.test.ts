import { describe } from 'vitest';
import { describeLedger } from '../../../../support/contracts/ledger-contract.ts';
import { MemoryLedger } from '../../../../support/ring/memory-ledger.ts';

describe('a ledger in memory', () => {
  const ledger = new MemoryLedger();
  describeLedger(() => ledger);
});
