import type { Measurement, Row } from '../measurement.ts';
import type { BenchSystem } from '../system/bench-system.ts';
import type { BenchUser } from '../system/users.ts';

/** UCWA requests for one user over HTTP, counted by the simulator. */
export const requests: Row = {
  name: 'requests',
  userCount: 2,
  measure: (system) => system.withFunctions(({ url }) => measure(system, url)),
};

async function measure(system: BenchSystem, url: string): Promise<readonly Measurement[]> {
  const [first, next] = system.takeUsers(2);
  if (first === undefined || next === undefined) throw new Error('No users are left.');
  const forFirst = await system.simulator.countDuring(() => set(url, first));
  const forNext = await system.simulator.countDuring(() => set(url, next));
  await call(url, next, { method: 'DELETE' });
  const again = await system.simulator.countDuring(() => set(url, next));
  return [
    figure('UCWA requests, first user of a domain', forFirst, 10, 'PUT to functions that just started'),
    figure('UCWA requests, next user', forNext, 8, 'PUT of another user'),
    figure('UCWA requests, same user again', again, 6, 'DELETE of that user, then PUT'),
  ];
}

function figure(
  name: string,
  { total, byStep }: { total: number; byStep: Readonly<Record<string, number>> },
  limit: number,
  context: string,
): Measurement {
  const steps = Object.entries(byStep).flatMap(([step, count]) =>
    count === 0 ? [] : [count === 1 ? step : `${count} ${step}`],
  );
  return {
    name,
    measured: String(total),
    limit: `at most ${limit}`,
    passed: total > 0 && total <= limit,
    explanation: `${context}: ${steps.join(', ')}`,
  };
}

async function set(url: string, user: BenchUser): Promise<void> {
  const outcome = await call(url, user, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ target: user.target }),
  });
  if (!outcome.includes('"verified":true')) throw new Error(`The change was not verified: ${outcome}`);
}

async function call(url: string, { address }: BenchUser, request: RequestInit): Promise<string> {
  const response = await fetch(`${url}/api/users/${address}/simultaneous-ring`, request);
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${request.method} returned ${response.status}: ${text}`);
  return text;
}
