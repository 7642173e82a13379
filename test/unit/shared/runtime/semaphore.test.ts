import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Semaphore, unlimitedSlots } from '../../../../shared/runtime/semaphore.ts';

it('never exceeds its limit, leaves no slot unused, and serves waiters in order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 12 }),
      async (scheduler, limit, jobs) => {
        const semaphore = new Semaphore(limit);
        const started: number[] = [];
        let inProgress = 0;
        let most = 0;
        const work = async (job: number) => {
          const release = await semaphore.acquire();
          started.push(job);
          inProgress += 1;
          most = Math.max(most, inProgress);
          await scheduler.schedule(Promise.resolve(), `job ${job}`);
          inProgress -= 1;
          release();
        };
        const all = Array.from({ length: jobs }, (_, job) => job);
        await scheduler.waitFor(Promise.all(all.map(work)));
        expect(most).toBe(Math.min(limit, jobs));
        expect(started).toEqual(all);
      },
    ),
  );
});

it('is full while all its slots are taken', async () => {
  const semaphore = new Semaphore(1);
  for (let round = 0; round < 3; round++) {
    expect(semaphore.isFull).toBe(false);
    const release = await semaphore.acquire();
    expect(semaphore.isFull).toBe(true);
    release();
  }
  expect(semaphore.isFull).toBe(false);
});

it('rejects a waiter whose signal is aborted, and keeps the others waiting', async () => {
  const semaphore = new Semaphore(1);
  const release = await semaphore.acquire();
  const controller = new AbortController();
  const served: string[] = [];
  const aborted = semaphore.acquire(controller.signal);
  const patient = semaphore.acquire(new AbortController().signal).then((releaseAgain) => {
    served.push('patient');
    return releaseAgain;
  });
  controller.abort(new Error('It took too long.'));
  await expect(aborted).rejects.toThrow('It took too long.');
  expect(served).toEqual([]);
  release();
  (await patient)();
  (await semaphore.acquire())();
});

it('gives a released slot to a waiter, not to a caller that comes in the same moment', async () => {
  const semaphore = new Semaphore(1);
  const release = await semaphore.acquire();
  const served: string[] = [];
  const work = async (name: string) => {
    const releaseAgain = await semaphore.acquire();
    served.push(name);
    releaseAgain();
  };
  const waiting = [work('second'), work('third')];
  release();
  await Promise.all([...waiting, work('newcomer')]);
  expect(served).toEqual(['second', 'third', 'newcomer']);
});

it.each([
  ['a semaphore', new Semaphore(1)],
  ['unlimited slots', unlimitedSlots],
])('%s: gives no slot to a caller whose signal is already aborted', async (_name, slots) => {
  await expect(slots.acquire(AbortSignal.abort(new Error('Over.')))).rejects.toThrow('Over.');
  (await slots.acquire())();
});
