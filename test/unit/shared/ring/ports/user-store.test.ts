import { describe } from 'vitest';
import { describeUserStore } from '../../../../support/contracts/user-store-contract.ts';
import { MemoryUsers } from '../../../../support/ring/memory-users.ts';

describe('a user store in memory', () => {
  const users = new MemoryUsers();
  describeUserStore(() => users);
});
