import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { KeyAuthorization } from './api/authorization.ts';
import { Api } from './api/client.ts';
import type { EntraAuthorization } from './api/entra-authorization.ts';
import type { Person } from './api/sign-in.ts';
import type { FileToSend } from './api/upload.ts';
import { type Place, placeOf, urlOf } from './navigation.ts';
import { BatchPage } from './pages/batch.tsx';
import { Home } from './pages/home.tsx';
import { OwnRing } from './pages/own-ring.tsx';
import { UserPage } from './pages/user.tsx';
import { Users } from './pages/users.tsx';
import { PlaceLink } from './parts/place-link.tsx';
import { type Session, SessionContext, type SignIn } from './session.ts';

/** The console: one page at a time, below its navigation. `entra` is where people sign in; without it they give a key. */
export function App({ entra }: { entra: EntraAuthorization | undefined }) {
  const { place, go } = useNavigation();
  const [signIns, setSignIns] = useState(0);
  const [news, announce] = useState('');
  const keys = useMemo(() => new KeyAuthorization(), []);
  const dryRuns = useMemo(() => new Map<string, FileToSend>(), []);
  const authorization = entra ?? keys;
  const api = useMemo(() => new Api((input, init) => fetch(input, init), authorization), [authorization]);
  const useKey = (key: string) => {
    keys.use(key);
    setSignIns((count) => count + 1);
  };
  const signInAt = async (tenant: EntraAuthorization) => {
    await tenant.signIn();
    setSignIns((count) => count + 1);
  };
  const signIn: SignIn =
    entra === undefined
      ? { kind: 'key', hasKey: keys.hasKey, useKey }
      : { kind: 'entra', person: entra.person, failure: entra.failure, start: () => void signInAt(entra) };
  const self = entra?.person?.isSelfOnly === true ? entra.person : undefined;
  const session: Session = { api, signIns, signIn, dryRuns, go, announce };
  return (
    <SessionContext.Provider value={session}>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <header>
        <nav aria-label="Console">
          <strong>Simultaneous ring</strong>
          <ul>
            {self === undefined ? <Places place={place} /> : null}
            {entra?.person === undefined ? null : (
              <li>
                <bdi>{entra.person.name}</bdi>
              </li>
            )}
          </ul>
        </nav>
      </header>
      <Main place={place} self={self} />
      <p class="news" role="status">
        {news}
      </p>
    </SessionContext.Provider>
  );
}

function Places({ place }: { place: Place }) {
  return (
    <>
      <li>
        <PlaceLink to={{ page: 'home' }} current={place.page === 'home'}>
          Batches
        </PlaceLink>
      </li>
      <li>
        <PlaceLink to={{ page: 'users' }} current={place.page === 'users'}>
          Users
        </PlaceLink>
      </li>
    </>
  );
}

/** What the place shows; to somebody without a role (`self`) their own ring, wherever they are. The focus moves to it, as it would on a page of its own. */
function Main({ place, self }: { place: Place; self: Person | undefined }) {
  const main = useRef<HTMLElement>(null);
  const url = urlOf(place);
  const isFirst = useRef(true);
  const title = self === undefined ? titleOf(place) : 'Your ring';
  useEffect(() => {
    document.title = `${title} – Simultaneous ring`;
  }, [title]);
  useEffect(() => {
    if (!isFirst.current) main.current?.focus();
    isFirst.current = false;
  }, [url]);
  return (
    <main id="main" tabIndex={-1} ref={main} key={url}>
      <h1>{title}</h1>
      {self === undefined ? <Content place={place} /> : <OwnRing person={self} />}
    </main>
  );
}

function Content({ place }: { place: Place }) {
  switch (place.page) {
    case 'home':
      return <Home />;
    case 'batch':
      return <BatchPage batch={place.batch} />;
    case 'users':
      return <Users />;
    case 'user':
      return <UserPage user={place.user} />;
  }
}

function titleOf(place: Place): string {
  const titles = { home: 'Batches', batch: 'Batch', users: 'Users', user: 'One user' };
  return titles[place.page];
}

/** The place in the browser's address bar and history. */
function useNavigation(): { place: Place; go: (place: Place) => void } {
  const [place, setPlace] = useState(() => placeOf(location));
  useEffect(() => {
    const read = () => {
      // The link that skips to the content is no place.
      if (location.hash !== '#main') setPlace(placeOf(location));
    };
    addEventListener('popstate', read);
    return () => removeEventListener('popstate', read);
  }, []);
  const go = (next: Place) => {
    history.pushState(undefined, '', urlOf(next));
    setPlace(next);
    scrollTo(0, 0);
  };
  return { place, go };
}
