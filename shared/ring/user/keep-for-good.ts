import type { SipUri } from '../../ucwa/uri.ts';
import { isSameRequest } from '../model/request-order.ts';
import { isClaimed } from '../ports/standing-request.ts';
import type { StandingRequest, UserRecord, UserStore } from '../ports/user-store.ts';
import { type RequestedUndo, undoneBy } from './claim-user.ts';

/**
 * Keeps the setting that an undo was to end: nothing is pending any more. Leaves the row of a claimed user alone, which could
 * not record its end after another write. Throws StorageUnavailableError.
 */
export async function keepForGood(
  users: UserStore,
  user: SipUri,
  undo: Pick<RequestedUndo, 'undoes'>,
  nowMs: number,
): Promise<void> {
  for (;;) {
    const { record, etag } = await users.read(user);
    if (undoneBy(record, undo)?.until === undefined || isClaimed(record, nowMs)) return;
    if ((await users.write(user, withoutEnd(record, undo), etag)) !== 'conflict') return;
  }
}

function withoutEnd(
  { newest, standing, ...record }: UserRecord,
  { undoes }: Pick<RequestedUndo, 'undoes'>,
): UserRecord {
  const kept = (request: StandingRequest): StandingRequest => {
    const { until: _pending, ...others } = request;
    return isSameRequest(request.order, undoes) ? others : request;
  };
  return {
    ...(newest === undefined ? {} : { newest: kept(newest) }),
    ...(standing === undefined ? {} : { standing: kept(standing) }),
    ...record,
  };
}
