import { setImmediate as nextTurn } from 'node:timers/promises';

/**
 * Preloaded into a measured process: reports the usage when its parent asks. For `collected usage` it first collects the
 * garbage (with `--expose-gc`) and returns the pages that the engine keeps for later. The process ends with its parent.
 */
process.on('message', async (message: unknown) => {
  if (message !== 'usage' && message !== 'collected usage') return;
  if (message === 'collected usage') {
    for (let round = 0; round < 3; round++) {
      globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
      await nextTurn();
    }
  }
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed } = process.memoryUsage();
  const peakBytes = process.resourceUsage().maxRSS * 1024;
  process.send?.({ cpuMs: (user + system) / 1000, residentBytes: rss, peakBytes, heapBytes: heapUsed });
});
process.on('disconnect', () => process.exit(1));
process.channel?.unref();
