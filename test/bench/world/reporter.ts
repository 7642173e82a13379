import { setImmediate as turn } from 'node:timers/promises';

/**
 * Preloaded into a process that is measured: asked for its usage by its parent, it answers. With `--expose-gc` it
 * collects its garbage before, where it is asked to, and gives back the pages that the engine keeps for a next burst. It
 * ends with its parent.
 */
process.on('message', async (question: unknown) => {
  if (question !== 'usage' && question !== 'collected usage') return;
  if (question === 'collected usage') {
    for (let round = 0; round < 3; round++) {
      globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
      await turn();
    }
  }
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed } = process.memoryUsage();
  process.send?.({ cpuMs: (user + system) / 1000, residentBytes: rss, heapBytes: heapUsed });
});
process.on('disconnect', () => process.exit(1));
process.channel?.unref();
