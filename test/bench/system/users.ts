/** A user with the target that a benchmark sets. */
export interface BenchUser {
  /** The SIP address without the scheme. */
  readonly address: string;
  readonly username: string;
  readonly password: string;
  readonly target: string;
}

const domain = 'bench.example';

/** Returns users, each with a target of its own. */
export function makeUsers(count: number): readonly BenchUser[] {
  return Array.from({ length: count }, (_, index) => {
    const number = String(index).padStart(6, '0');
    return {
      address: `user${number}@${domain}`,
      username: `BENCH\\user${number}`,
      password: `Pw-${number}-7f3a9c`,
      target: `+1425${String(2_000_000 + index)}`,
    };
  });
}

/** Returns the users in the format of LOCAL_USERS. */
export function formatLocalUsers(users: readonly BenchUser[]): string {
  return JSON.stringify(
    users.map(({ address, username, password }) => ({ sip: `sip:${address}`, username, password })),
  );
}
