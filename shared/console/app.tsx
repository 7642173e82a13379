import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { KeyAuthorization } from './api/authorization.ts';
import { Api } from './api/client.ts';
import { type Place, placeOf, urlOf } from './navigation.ts';
import { BatchPage } from './pages/batch.tsx';
import { Home } from './pages/home.tsx';
import { UserPage } from './pages/user.tsx';
import { Users } from './pages/users.tsx';
import { PlaceLink } from './parts/place-link.tsx';
import { type Session, SessionContext } from './session.ts';

/** The console: one page at a time, below its navigation. */
export function App() {
  const { place, go } = useNavigation();
  const [signIns, setSignIns] = useState(0);
  const [news, announce] = useState('');
  const authorization = useMemo(() => new KeyAuthorization(), []);
  const api = useMemo(() => new Api((input, init) => fetch(input, init), authorization), [authorization]);
  const useKey = (key: string) => {
    authorization.use(key);
    setSignIns((count) => count + 1);
  };
  const session: Session = { api, signIns, hasKey: authorization.hasKey, useKey, go, announce };
  return (
    <SessionContext.Provider value={session}>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <header>
        <nav aria-label="Console">
          <strong>Simultaneous ring</strong>
          <ul>
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
          </ul>
        </nav>
      </header>
      <Main place={place} />
      <p class="news" role="status">
        {news}
      </p>
    </SessionContext.Provider>
  );
}

/** What the place shows. The focus moves to it, as it would on a page of its own. */
function Main({ place }: { place: Place }) {
  const main = useRef<HTMLElement>(null);
  const url = urlOf(place);
  const isFirst = useRef(true);
  useEffect(() => {
    document.title = `${titleOf(place)} – Simultaneous ring`;
    if (!isFirst.current) main.current?.focus();
    isFirst.current = false;
  }, [url]);
  return (
    <main id="main" tabIndex={-1} ref={main} key={url}>
      <h1>{titleOf(place)}</h1>
      <Content place={place} />
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
