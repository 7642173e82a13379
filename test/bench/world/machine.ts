import { cpus } from 'node:os';

/** Does work, and tells how busy all cores of this machine were meanwhile, in per cent, whoever kept them so. */
export async function busyDuring(work: () => Promise<unknown>): Promise<number> {
  const before = readTimes();
  await work();
  const after = readTimes();
  return Math.round((100 * (after.busy - before.busy)) / (after.all - before.all));
}

function readTimes(): { busy: number; all: number } {
  const times = cpus().map(({ times: { user, nice, sys, irq, idle } }) => {
    const busy = user + nice + sys + irq;
    return { busy, all: busy + idle };
  });
  return {
    busy: times.reduce((sum, { busy }) => sum + busy, 0),
    all: times.reduce((sum, { all }) => sum + all, 0),
  };
}
