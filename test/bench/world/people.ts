/** Someone whose calls are to ring a number besides. */
export interface Person {
  /** Without the scheme. */
  readonly address: string;
  readonly username: string;
  readonly password: string;
  readonly target: string;
}

const domain = 'bench.example';

/** Makes people, each with a number of their own. */
export function makePeople(count: number): readonly Person[] {
  return Array.from({ length: count }, (_, index) => {
    const number = String(index).padStart(6, '0');
    return {
      address: `person${number}@${domain}`,
      username: `BENCH\\person${number}`,
      password: `Pw-${number}-7f3a9c`,
      target: `+1425${String(2_000_000 + index)}`,
    };
  });
}

/** The people in the form of LOCAL_USERS. */
export function localUsersOf(people: readonly Person[]): string {
  return JSON.stringify(
    people.map(({ address, username, password }) => ({ sip: `sip:${address}`, username, password })),
  );
}
