import { globSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Measurement, median, type Row } from '../measurement.ts';
import { Child } from '../world/child.ts';
import type { World } from '../world/world.ts';

const runs = 9;
const limit = 0.5;
const sizeLimitBytes = 2_000_000;

/** How long a new process takes to import the built functions, and how big they are. */
export const coldImport: Row = {
  name: 'cold-import',
  people: 0,
  measure: async (world) => [await measureImport(world), measureSize(world)],
};

async function measureImport(world: World): Promise<Measurement> {
  const built: number[] = [];
  const libraries: number[] = [];
  for (let run = 0; run <= runs; run++) {
    const [ours, theirs] = [await importIn(world, [world.appDirectory]), await importIn(world, [])];
    // The first run of each fills the caches of the disk.
    if (run > 0) {
      built.push(ours);
      libraries.push(theirs);
    }
  }
  const ratio = median(built) / median(libraries);
  return {
    what: 'Cold import of all functions, built',
    measured: `${ratio.toFixed(3)} ×`,
    limit: `at most ${limit} × the libraries as they are`,
    passed: ratio <= limit,
    how:
      `medians of ${runs} alternating runs, each in a new process, from the first import to the last: ` +
      `${median(built).toFixed(0)} ms against ${median(libraries).toFixed(0)} ms`,
  };
}

async function importIn({ environment }: World, parameters: readonly string[]): Promise<number> {
  const child = new Child({ entry: 'test/bench/rows/import-time.ts', parameters, environment });
  try {
    const [, milliseconds] = await child.prints(/Imported in ([\d.]+) ms/);
    return Number(milliseconds);
  } finally {
    await child.stop('SIGKILL');
  }
}

function measureSize({ appDirectory }: World): Measurement {
  const files = globSync('dist/**/*.js', { cwd: appDirectory });
  const bytes = files.reduce((sum, file) => sum + statSync(join(appDirectory, file)).size, 0);
  return {
    what: 'Size of the bundle',
    measured: `${(bytes / 1_000_000).toFixed(2)} MB`,
    limit: `at most ${sizeLimitBytes / 1_000_000} MB`,
    passed: files.length > 0 && bytes <= sizeLimitBytes,
    how: `${files.length} files of JavaScript, without source maps`,
  };
}
