import { useState } from 'preact/hooks';
import { type Outcome, outcomeSchema, type RingState, ringStateSchema } from '../api/schemas.ts';
import { FailureText } from '../parts/failure-text.tsx';
import { LongText } from '../parts/long-text.tsx';
import { PlaceLink } from '../parts/place-link.tsx';
import { requestOf, settingOf, timeOf } from '../parts/words.ts';
import { type Action, lastFailure, useAction, useLoaded, useSession } from '../session.ts';
import { bodyOf, emptyForm, RingFields, type RingForm } from './ring-fields.tsx';

/** One user: what the server holds, and what is to be set. People who change their own ring change it now, and for good. */
export function UserPage({ user, isOwn = false }: { user: string; isOwn?: boolean }) {
  const path = `/api/users/${encodeURIComponent(user)}/simultaneous-ring`;
  const { value, failure, reload } = useLoaded(path, (api, signal) =>
    api.json(path, ringStateSchema, { signal }),
  );
  return (
    <section aria-labelledby="user">
      <h2 id="user">
        <bdi>{user}</bdi>
      </h2>
      <h3>On the server now</h3>
      <FailureText failure={failure} isPolled />
      {value === undefined && failure === undefined ? (
        <p aria-busy="true">Signing in as this user to read the setting…</p>
      ) : null}
      {value === undefined ? null : <State state={value} />}
      <button type="button" class="secondary" onClick={reload}>
        Read again
      </button>
      <Change path={path} changed={reload} isTimed={!isOwn} />
    </section>
  );
}

function State({ state }: { state: RingState }) {
  const { unanswered, activePeriod, until } = state;
  const facts = [
    [
      'Rings',
      state.ring === 'off' && state.forwarding === undefined
        ? 'nothing besides the user: it is off'
        : settingOf(state),
    ],
    ['Unanswered calls', unanswered === undefined ? '' : settingOf({ ring: 'go to', ...unanswered })],
    ['Active', activePeriod === 'workhours' ? 'during working hours only' : ''],
    ['Ends', timeOf(until)],
  ];
  return (
    <dl class="facts">
      {facts.map(([name, text]) =>
        text === '' ? null : (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <LongText text={text} />
            </dd>
          </div>
        ),
      )}
    </dl>
  );
}

function Change({ path, changed, isTimed }: { path: string; changed: () => void; isTimed: boolean }) {
  const { announce } = useSession();
  const [form, setForm] = useState<RingForm>(emptyForm);
  const [outcome, setOutcome] = useState<Outcome | undefined>();
  const done = (value: Outcome) => {
    setOutcome(value);
    announce(resultOf(value));
    if (value.outcome === 'applied') changed();
  };
  const put = (dryRun: boolean) => ({
    method: 'PUT' as const,
    contentType: 'application/json',
    body: JSON.stringify(bodyOf(form, dryRun)),
  });
  const set = useAction((api) => api.json(path, outcomeSchema, put(false)), done);
  const tryOut = useAction((api) => api.json(path, outcomeSchema, put(true)), done);
  const off = useAction((api) => api.json(path, outcomeSchema, { method: 'DELETE' }), done);
  const isRunning = set.isRunning || tryOut.isRunning || off.isRunning;
  // What the action before brought must not pass for what this one brings.
  const start = ({ run }: Action) => {
    setOutcome(undefined);
    run();
  };
  const submit = (event: Event) => {
    event.preventDefault();
    start(set);
  };
  return (
    <>
      <h3>Change it</h3>
      <form onSubmit={submit} aria-label="Change the setting">
        <RingFields form={form} isTimed={isTimed} change={(more) => setForm({ ...form, ...more })} />
        <div class="actions">
          <button type="submit" aria-busy={set.isRunning} disabled={isRunning}>
            Set
          </button>
          <button
            type="button"
            class="secondary"
            aria-busy={tryOut.isRunning}
            disabled={isRunning}
            onClick={() => start(tryOut)}
          >
            Dry run
          </button>
          <button
            type="button"
            class="secondary"
            aria-busy={off.isRunning}
            disabled={isRunning}
            onClick={() => start(off)}
          >
            Turn off
          </button>
        </div>
      </form>
      <FailureText failure={lastFailure(set, tryOut, off)} />
      {outcome === undefined ? null : <Result outcome={outcome} />}
    </>
  );
}

function resultOf({ outcome, would }: Outcome): string {
  if (would !== undefined)
    return would === 'apply'
      ? 'A dry run: this would change the setting.'
      : 'A dry run: nothing would change.';
  if (outcome === 'applied') return 'Done, and read back.';
  if (outcome === 'unchanged') return 'It was set like this already.';
  if (outcome === 'scheduled') return 'It waits for its time.';
  return 'It could not be done at once and goes on in the queue.';
}

function Result({ outcome }: { outcome: Outcome }) {
  const { previous, detail, status, warnings = [] } = outcome;
  const batch = status?.split('/').at(-1);
  return (
    <div class="result">
      <p>
        <strong>{resultOf(outcome)}</strong> <LongText text={requestOf(outcome)} />
      </p>
      {previous === undefined ? null : (
        <p>
          Before: <LongText text={settingOf(previous)} />
        </p>
      )}
      <LongText text={detail} />
      {warnings.map(({ code, detail: what }) => (
        <p key={code}>
          <LongText text={what} />
        </p>
      ))}
      {batch === undefined ? null : (
        <p>
          <PlaceLink to={{ page: 'batch', batch }}>Follow it</PlaceLink>
        </p>
      )}
    </div>
  );
}
