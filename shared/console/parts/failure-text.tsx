import { useState } from 'preact/hooks';
import type { Failure } from '../api/client.ts';
import type { Problem } from '../api/schemas.ts';
import { type SignIn, useSession } from '../session.ts';

/** Says why something could not be loaded or done, and what to do; asks for the function key where that is it. */
export function FailureText({
  failure,
  isPolled = false,
}: {
  failure: Failure | undefined;
  isPolled?: boolean;
}) {
  if (failure === undefined) return null;
  if (failure.kind === 'unauthorized') return <Unauthorized wants={failure.wants} />;
  return (
    <div role="alert" class="failure">
      {failure.kind === 'refused' ? <Refusal problem={failure.problem} status={failure.status} /> : null}
      {failure.kind === 'offline' ? <p>{offlineText(isPolled)}</p> : null}
      {failure.kind === 'unavailable' ? <Unavailable problem={failure.problem} isPolled={isPolled} /> : null}
    </div>
  );
}

const goesOn = 'What you see is what came last. The page goes on by itself as soon as they answer.';

function offlineText(isPolled: boolean): string {
  const what = 'The functions cannot be reached: there is no connection, or they are not running.';
  return isPolled ? `${what} ${goesOn}` : `${what} Nothing is known to have been done. Try again.`;
}

function Unavailable({ problem, isPolled }: { problem: Problem; isPolled: boolean }) {
  const { detail = 'The functions cannot serve now, as while they restart.' } = problem;
  return (
    <p>
      {detail} {isPolled ? goesOn : 'Try again in a moment.'}
    </p>
  );
}

const shownErrors = 100;

function Refusal({ problem, status }: { problem: Problem; status: number }) {
  const { title, detail = `The functions refused this (${status}).`, errors = [] } = problem;
  // The detail may say all that the errors say: each is shown once.
  const isAll = errors.every((error) => detail.includes(error.detail));
  const listed = isAll && errors.length < 2 ? [] : errors.slice(0, shownErrors);
  return (
    <>
      <p>
        {title === undefined ? null : <strong>{title}. </strong>}
        {isAll && listed.length > 0 ? null : <bdi>{detail}</bdi>}
      </p>
      {listed.length === 0 ? null : (
        <ul>
          {listed.map((error, index) => (
            <li key={index}>
              {error.line === undefined ? null : `Line ${error.line}: `}
              <bdi>{error.detail}</bdi>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

/** What the functions want and how this page signs in differ where a setting of callers is wrong, or has just changed. */
function Unauthorized({ wants }: { wants: 'key' | 'token' }) {
  const { signIn } = useSession();
  if (wants === 'token' && signIn.kind === 'entra') return <SignInPrompt {...signIn} />;
  if (wants === 'key' && signIn.kind === 'key') return <KeyForm {...signIn} />;
  return (
    <div role="alert" class="failure">
      <p>
        The functions now ask for {wants === 'key' ? 'a function key' : 'an Entra sign-in'}. Load the page
        again. If that does not help, tell an administrator: the settings of callers are being changed, or are
        wrong.
      </p>
    </div>
  );
}

function SignInPrompt({ person, failure, start }: Extract<SignIn, { kind: 'entra' }>) {
  return (
    <div role="alert" class="failure">
      <p>
        {person === undefined
          ? 'The functions ask who you are: sign in with your work account.'
          : 'Your sign-in is over, or the functions do not accept it. Sign in again; if that does not help, tell an administrator.'}
      </p>
      {failure === undefined ? null : <p>{signInFailureText(failure)}</p>}
      <button type="button" onClick={start}>
        Sign in
      </button>
    </div>
  );
}

/** The codes are those of the library for a window that did not open. */
function signInFailureText(code: string): string {
  return /^(popup|empty)_window_error$/.test(code)
    ? 'The browser kept the window of the sign-in from opening: allow windows for this page, and try again.'
    : `The last sign-in failed (${code}).`;
}

/** Asks for the function key. */
function KeyForm({ useKey, hasKey }: Extract<SignIn, { kind: 'key' }>) {
  const [key, setKey] = useState('');
  const submit = (event: Event) => {
    event.preventDefault();
    useKey(key);
  };
  return (
    <form onSubmit={submit} class="key" aria-label="Function key">
      <p role="alert">
        {hasKey
          ? 'The functions do not accept this key. Check that it is whole, and that it was not renewed.'
          : 'The functions ask for a key. An administrator finds it in the Azure portal: the function app, App keys.'}
      </p>
      <label>
        Function key
        <input
          type="password"
          autocomplete="off"
          value={key}
          onInput={(event) => setKey(event.currentTarget.value)}
          aria-describedby="key-kept"
        />
      </label>
      <small id="key-kept">Kept in the memory of this page only: it is gone when you close it.</small>
      <button type="submit">Go on</button>
    </form>
  );
}
