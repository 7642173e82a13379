import { useState } from 'preact/hooks';
import type { Person } from '../api/sign-in.ts';
import { UserPage } from './user.tsx';

/** What somebody sees who may change their own ring and nothing else. */
export function OwnRing({ person }: { person: Person }) {
  const [user, setUser] = useState(person.address);
  return user === undefined ? <AddressForm choose={setUser} /> : <UserPage user={user} isOwn />;
}

/** The functions compare the address with the token: another one is refused. */
function AddressForm({ choose }: { choose: (address: string) => void }) {
  const [address, setAddress] = useState('');
  const submit = (event: Event) => {
    event.preventDefault();
    choose(address.trim());
  };
  return (
    <form onSubmit={submit} aria-label="Your address">
      <label>
        Your SIP address
        <input
          required
          type="email"
          autocomplete="email"
          value={address}
          onInput={(event) => setAddress(event.currentTarget.value)}
        />
      </label>
      <button type="submit">Go on</button>
    </form>
  );
}
