import { setTimeout as sleep } from 'node:timers/promises';
import { QueueClient } from '@azure/storage-queue';
import type { Measurement, Row } from '../measurement.ts';
import { Batch } from '../world/batch.ts';
import type { Person } from '../world/people.ts';
import type { World } from '../world/world.ts';
import { switchOnFaults } from './chaos-faults.ts';

const users = Number(process.env['BENCH_CHAOS_USERS'] ?? 10_000);
const kills = Number(process.env['BENCH_CHAOS_KILLS'] ?? 20);
/** Short enough that the last kill comes before the last user, at 20 ms latency and 16 at once. */
const longestLifeMs = (10 * users) / kills;
const workWithinMs = 60_000;

/** Messages of a killed host come back soon, and so do the people whom it had claimed. */
const impatient = { LOCAL_LEASE_SECONDS: '5', UCWA_ATTEMPT_LIMIT_MS: '5000', BULK_SLICE_MS: '20000' };

/** The functions are killed again and again while people go through the queue: nobody may be lost. */
export const chaos: Row = {
  name: 'chaos',
  people: users,
  async measure(world) {
    await world.simulator.setLatency(20);
    await world.simulator.clearRequests();
    const people = world.takePeople(users);
    await switchOnFaults(world.simulator, people);
    try {
      const batch = await Batch.send(world, 'chaos', people);
      const killed = await killAgainAndAgain(world);
      await world.withFunctions(() => batch.finished(180_000 + users * 60), impatient);
      return [await judge(world, batch, killed)];
    } finally {
      await world.simulator.clearFaults();
    }
  },
};

/** Answers with how often the functions were killed while they were at work. */
async function killAgainAndAgain(world: World): Promise<number> {
  for (let killed = 0; killed < kills; killed++) {
    const functions = await world.startFunctions(impatient);
    const isAtWork = await worksSoon(world);
    if (isAtWork) await sleep(Math.random() * longestLifeMs);
    await functions.child.stop('SIGKILL');
    if (!isAtWork) return killed;
  }
  return kills;
}

/** Waits until something reaches UCWA: messages of those who were killed come back when their lease ends. */
async function worksSoon({ simulator }: World): Promise<boolean> {
  const total = async () => Object.values(await simulator.counts()).reduce((sum, count) => sum + count, 0);
  const [before, endsAt] = [await total(), performance.now() + workWithinMs];
  while (performance.now() < endsAt) {
    if ((await total()) > before) return true;
    await sleep(100);
  }
  return false;
}

async function judge(world: World, batch: Batch, killed: number): Promise<Measurement> {
  const outcomes = await batch.outcomes();
  const final = ['applied', 'unchanged', 'failed', 'rejected', 'superseded', 'cancelled'];
  const ended = final.reduce((sum, outcome) => sum + (outcomes.get(outcome)?.length ?? 0), 0);
  const poison = new QueueClient(world.environment['BulkStorage'] ?? '', 'simring-bulk-poison');
  const { approximateMessagesCount: poisoned = 0 } = await poison.getProperties();
  const set = new Set([...(outcomes.get('applied') ?? []), ...(outcomes.get('unchanged') ?? [])]);
  const untrue = await countUntrue(world, batch.people, set);
  const posts = (await world.simulator.counts())['write'] ?? 0;
  const lost = users - ended;
  const told = [...outcomes].map(([outcome, { length }]) => `${length} ${outcome}`).join(', ');
  return {
    what: `Entries lost, ${users} users, killed ${killed} times`,
    measured: `${lost} lost, ${poisoned} poisoned, ${untrue} untrue`,
    limit: '0',
    passed: killed >= kills && lost === 0 && poisoned === 0 && untrue === 0,
    how:
      `SIGKILL at a random moment within ${longestLifeMs / 1000} s of each life's first request, failures for one in 25; the ledger ` +
      `has ${told}; untrue is what the server holds otherwise; ${posts - users} ring POSTs beyond one for each user`,
  };
}

/** How many people the ledger says are set, whom the server rings otherwise. */
async function countUntrue(
  { simulator }: World,
  people: readonly Person[],
  set: ReadonlySet<string>,
): Promise<number> {
  const contacts = await simulator.contacts();
  return people.filter(({ address, target }) => {
    const sip = `sip:${address}`;
    return set.has(sip) && contacts.get(sip)?.includes(target) !== true;
  }).length;
}
