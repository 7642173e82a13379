import type { Outcome } from '../api/schemas.ts';
import { LongText } from './long-text.tsx';
import { PlaceLink } from './place-link.tsx';
import { ScrollTable } from './scroll-table.tsx';
import { requestOf, settingOf, timeOf } from './words.ts';

/** The entries of a batch, with what to do about each that failed. */
export function OutcomeTable({
  outcomes,
  isFiltered,
}: {
  outcomes: readonly Outcome[] | undefined;
  isFiltered: boolean;
}) {
  if (outcomes === undefined) return <p aria-busy="true">Loading the entries…</p>;
  if (outcomes.length === 0)
    return (
      <p>
        {isFiltered
          ? 'No entry matches this filter.'
          : 'No entry has come yet. They show here as soon as their message is taken from the queue.'}
      </p>
    );
  return (
    <ScrollTable
      label="Table of entries"
      columns={['User', 'Asked for', 'Outcome', 'Before', 'What happened, and what to do']}
    >
      {outcomes.map((entry) => (
        <Row key={`${entry.part} ${entry.entry}`} entry={entry} />
      ))}
    </ScrollTable>
  );
}

function Row({ entry }: { entry: Outcome }) {
  const { user, ref, outcome = 'pending', would, previous } = entry;
  return (
    <tr>
      <th scope="row">
        <UserLink user={user} />
        {ref === undefined ? null : (
          <div>
            <LongText text={ref} />
          </div>
        )}
      </th>
      <td>
        <LongText text={requestOf(entry)} />
      </td>
      <td>
        <span class={`outcome ${outcome}`}>{outcome}</span>
        {would === undefined ? null : (
          <div>{would === 'apply' ? 'would change' : 'would change nothing'}</div>
        )}
      </td>
      <td>{previous === undefined ? null : <LongText text={settingOf(previous)} />}</td>
      <td>
        <Detail entry={entry} />
      </td>
    </tr>
  );
}

/** The address as a link, if it is one: what was rejected may be anything. */
function UserLink({ user }: { user: string | undefined }) {
  const address = user?.replace(/^sip:/i, '');
  if (address === undefined) return <>–</>;
  if (!/^[^\s@]{1,200}@[^\s@]{1,200}$/.test(address)) return <LongText text={address} />;
  return (
    <PlaceLink to={{ page: 'user', user: address }}>
      <bdi>{address}</bdi>
    </PlaceLink>
  );
}

function Detail({
  entry: { code, detail, warnings = [], verified, nextTryAt, outcome },
}: {
  entry: Outcome;
}) {
  return (
    <>
      {code === undefined ? null : <code>{code}</code>} <LongText text={detail} />
      {warnings.map((warning) => (
        <p key={warning.code}>
          <code>{warning.code}</code> <LongText text={warning.detail} />
        </p>
      ))}
      {outcome === 'applied' && verified === false ? (
        <p>Set, but the server does not show enough to compare the target.</p>
      ) : null}
      {nextTryAt === undefined ? null : <p>Next try from {timeOf(nextTryAt)}.</p>}
    </>
  );
}
