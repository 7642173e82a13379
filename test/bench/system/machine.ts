import { cpus } from 'node:os';

/** Runs some work and returns how busy this machine's cores were meanwhile with all processes, in per cent. */
export async function measureLoad(work: () => Promise<unknown>): Promise<number> {
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
