import { globSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Measurement, median, type Row } from '../measurement.ts';
import type { BenchSystem } from '../system/bench-system.ts';
import { Child } from '../system/child.ts';

const runs = 9;
const limit = 0.5;
const sizeLimitBytes = 2_000_000;

/** The time that a new process takes to import the built functions, and their size. */
export const coldImport: Row = {
  name: 'cold-import',
  userCount: 0,
  measure: async (system) => [await measureImport(system), measureSize(system)],
};

async function measureImport(system: BenchSystem): Promise<Measurement> {
  const built: number[] = [];
  const libraries: number[] = [];
  for (let run = 0; run <= runs; run++) {
    const [ofBuilt, ofLibraries] = [
      await importIn(system, [system.appDirectory]),
      await importIn(system, []),
    ];
    // The first run of each fills the disk cache.
    if (run > 0) {
      built.push(ofBuilt);
      libraries.push(ofLibraries);
    }
  }
  const ratio = median(built) / median(libraries);
  return {
    name: 'Cold import of all functions, built',
    measured: `${ratio.toFixed(3)} ×`,
    limit: `at most ${limit} × the libraries unbundled`,
    passed: ratio <= limit,
    explanation:
      `medians of ${runs} alternating runs, each in a new process, from the first import to the last: ` +
      `${median(built).toFixed(0)} ms against ${median(libraries).toFixed(0)} ms`,
  };
}

async function importIn({ environment }: BenchSystem, parameters: readonly string[]): Promise<number> {
  const child = new Child({ entry: 'test/bench/rows/import-time.ts', parameters, environment });
  try {
    const [, milliseconds] = await child.waitForOutput(/Imported in ([\d.]+) ms/);
    return Number(milliseconds);
  } finally {
    await child.stop('SIGKILL');
  }
}

function measureSize({ appDirectory }: BenchSystem): Measurement {
  const files = globSync('dist/{functions,chunks}/**/*.js', { cwd: appDirectory });
  const bytes = files.reduce((sum, file) => sum + statSync(join(appDirectory, file)).size, 0);
  return {
    name: 'Size of the bundle',
    measured: `${(bytes / 1_000_000).toFixed(2)} MB`,
    limit: `at most ${sizeLimitBytes / 1_000_000} MB`,
    passed: files.length > 0 && bytes <= sizeLimitBytes,
    explanation: `${files.length} JavaScript files, without source maps`,
  };
}
