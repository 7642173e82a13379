import type { UserFilter, UserStore } from '../../ports/user-store.ts';
import { allUsers, type UserStatus, userStatus } from '../../user/list-users.ts';
import { byteOrderMark, csvLine } from '../csv/write.ts';

/** The first columns are those of an upload, so that the report can be sent again after it was changed. */
const columns = [
  'user',
  'ring',
  'target',
  'ringDelaySeconds',
  'activePeriod',
  'until',
  'provedAt',
  'outcome',
  'code',
  'detail',
  'requestedAt',
  'endedAt',
  'batch',
  'source',
  'by',
] as const satisfies readonly (keyof UserStatus)[];

/** Returns all users that are wanted as a CSV file, in the order of `UserStore.list`. Throws StorageUnavailableError. */
export async function usersReport(store: UserStore, wanted: UserFilter): Promise<string> {
  const lines = [byteOrderMark + csvLine(columns)];
  for await (const page of allUsers(store, wanted)) {
    lines.push(page.map((listed) => reportLine(userStatus(listed))).join(''));
  }
  return lines.join('');
}

function reportLine(status: UserStatus): string {
  const shown = { ...status, user: status.user.replace(/^sip:/, '') };
  return csvLine(columns.map((column) => shown[column]));
}
