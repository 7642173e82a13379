import type { Measurement, Row } from '../measurement.ts';
import type { Person } from '../world/people.ts';
import type { World } from '../world/world.ts';

/** The requests to UCWA for one user over HTTP, by the simulator's count. */
export const requests: Row = {
  name: 'requests',
  people: 2,
  measure: (world) => world.withFunctions(({ url }) => measure(world, url)),
};

async function measure(world: World, url: string): Promise<readonly Measurement[]> {
  const [first, next] = world.takePeople(2);
  if (first === undefined || next === undefined) throw new Error('There is nobody left.');
  const forFirst = await world.simulator.countDuring(() => set(url, first));
  const forNext = await world.simulator.countDuring(() => set(url, next));
  await call(url, next, { method: 'DELETE' });
  const again = await world.simulator.countDuring(() => set(url, next));
  return [
    figure('UCWA requests, first user of a domain', forFirst, 10, 'PUT to functions that just started'),
    figure('UCWA requests, next user', forNext, 8, 'PUT of another user'),
    figure('UCWA requests, same user again', again, 6, 'DELETE of that user, then PUT'),
  ];
}

function figure(
  what: string,
  { total, byStep }: { total: number; byStep: Readonly<Record<string, number>> },
  limit: number,
  how: string,
): Measurement {
  const steps = Object.entries(byStep).flatMap(([step, count]) =>
    count === 0 ? [] : [count === 1 ? step : `${count} ${step}`],
  );
  return {
    what,
    measured: String(total),
    limit: `at most ${limit}`,
    passed: total > 0 && total <= limit,
    how: `${how}: ${steps.join(', ')}`,
  };
}

async function set(url: string, person: Person): Promise<void> {
  const outcome = await call(url, person, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ target: person.target }),
  });
  if (!outcome.includes('"verified":true')) throw new Error(`Setting it was not proved: ${outcome}`);
}

async function call(url: string, { address }: Person, request: RequestInit): Promise<string> {
  const response = await fetch(`${url}/api/users/${address}/simultaneous-ring`, request);
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${request.method} answered ${response.status}: ${text}`);
  return text;
}
