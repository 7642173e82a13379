import { useState } from 'preact/hooks';
import { type ListedUser, startedSchema, userListSchema } from '../api/schemas.ts';
import { DownloadButton } from '../parts/download-button.tsx';
import { FailureText } from '../parts/failure-text.tsx';
import { LongText } from '../parts/long-text.tsx';
import { Pager, usePages } from '../parts/pager.tsx';
import { PlaceLink } from '../parts/place-link.tsx';
import { ScrollTable } from '../parts/scroll-table.tsx';
import { useSettled } from '../parts/settled.ts';
import { settingOf, timeOf } from '../parts/words.ts';
import { useAction, useLoaded, useSession } from '../session.ts';

/** Who is set, by which request, and until when. */
export function Users() {
  const [ring, setRing] = useState('');
  const [search, setSearch] = useState('');
  const user = useSettled(search.trim());
  const filter = new URLSearchParams({ ...(ring === '' ? {} : { ring }), ...(user === '' ? {} : { user }) });
  const pages = usePages(`/api/users?limit=200&${filter}`);
  const { value, failure } = useLoaded(pages.url, (api, signal) =>
    api.json(pages.url, userListSchema, { signal }),
  );
  return (
    <section aria-labelledby="users">
      <h2 id="users">Users</h2>
      <p>
        Everyone for whom something was requested here. The list comes from the records of the functions, not
        from the pools.
      </p>
      <OpenUser />
      <div class="grid">
        <label>
          User begins with
          <input type="search" value={search} onInput={(event) => setSearch(event.currentTarget.value)} />
        </label>
        <label>
          Ring
          <select value={ring} onChange={(event) => setRing(event.currentTarget.value)}>
            <option value="">any</option>
            <option value="contact">contact</option>
            <option value="delegates">delegates</option>
            <option value="team">team</option>
            <option value="off">off</option>
          </select>
        </label>
      </div>
      <FailureText failure={failure} isPolled />
      {value === undefined && failure === undefined ? <p aria-busy="true">Loading the users…</p> : null}
      {value === undefined ? null : (
        <UserTable users={value.users} hasMore={value.next !== undefined} isFiltered={filter.size > 0} />
      )}
      <Pager pages={pages} next={value?.next} label="Pages of users" />
      <div class="actions">
        <DownloadButton path={`/api/users?${filter}`} name="users.csv">
          Download as CSV
        </DownloadButton>
        <DriftCheck />
      </div>
    </section>
  );
}

function OpenUser() {
  const { go } = useSession();
  const [address, setAddress] = useState('');
  const open = (event: Event) => {
    event.preventDefault();
    go({ page: 'user', user: address.trim() });
  };
  return (
    <form onSubmit={open} class="one-line">
      <label>
        One user, by SIP address
        <input
          type="text"
          required
          inputMode="email"
          autocomplete="off"
          placeholder="alice@contoso.com"
          value={address}
          onInput={(event) => setAddress(event.currentTarget.value)}
        />
      </label>
      <button type="submit" class="secondary">
        Open
      </button>
    </form>
  );
}

function DriftCheck() {
  const { go, announce } = useSession();
  const [isNobody, setIsNobody] = useState(false);
  const check = useAction(
    (api) => api.json('/api/users/check', startedSchema, { method: 'POST' }),
    ({ batch }) => {
      setIsNobody(batch === undefined);
      if (batch === undefined) announce('There is nobody to check.');
      else go({ page: 'batch', batch });
    },
  );
  return (
    <>
      <button type="button" class="secondary" onClick={check.run} aria-busy={check.isRunning}>
        Check that every setting still stands
      </button>
      {isNobody ? <p>There is nobody to check: nobody is set.</p> : null}
      <FailureText failure={check.failure} />
    </>
  );
}

interface TableProps {
  readonly users: readonly ListedUser[];
  readonly hasMore: boolean;
  readonly isFiltered: boolean;
}

function UserTable({ users, hasMore, isFiltered }: TableProps) {
  if (users.length === 0) return <p>{emptyText(hasMore, isFiltered)}</p>;
  return (
    <ScrollTable label="Table of users" columns={['User', 'Rings', 'Until', 'Proved', 'Last request']}>
      {users.map((user) => (
        <UserRow key={user.user} user={user} />
      ))}
    </ScrollTable>
  );
}

function emptyText(hasMore: boolean, isFiltered: boolean): string {
  if (hasMore) return 'None on this page matches. The next page may have some.';
  return isFiltered ? 'No user matches this filter.' : 'Nothing was requested for anybody yet.';
}

function UserRow({ user }: { user: ListedUser }) {
  const { outcome, code, detail, requestedAt, batch, source } = user;
  const address = user.user.replace(/^sip:/i, '');
  return (
    <tr>
      <th scope="row">
        <PlaceLink to={{ page: 'user', user: address }}>
          <bdi>{address}</bdi>
        </PlaceLink>
      </th>
      <td>
        <LongText text={settingOf(user)} />
      </td>
      <td>{timeOf(user.until)}</td>
      <td>{timeOf(user.provedAt)}</td>
      <td>
        {outcome === undefined ? null : <span class={`outcome ${outcome}`}>{outcome}</span>}{' '}
        {timeOf(requestedAt)}
        <div>
          <LongText text={source} /> {batch === undefined ? null : <LongText text={batch} />}
        </div>
        {code === undefined ? null : (
          <div>
            <code>{code}</code> <LongText text={detail} />
          </div>
        )}
      </td>
    </tr>
  );
}
