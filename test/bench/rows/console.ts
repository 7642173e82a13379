import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import * as z from 'zod';
import type { Measurement, Row } from '../measurement.ts';
import type { BenchSystem } from '../system/bench-system.ts';
import { Child } from '../system/child.ts';
import { fillLedger } from './upload.ts';

const limitBytes = 100 * 1024;
const limitMs = 1_000;
const limitRows = 1_000;

/** The page of a batch of 100,000 entries in a browser. */
export const consolePage: Row = {
  name: 'console',
  userCount: 0,
  measure: async (system) => [measureSize(system), ...(await measurePage(system))],
};

/** What a browser gets: scripts and style sheet as the build compressed them, the pages as the functions do. */
function measureSize({ appDirectory }: BenchSystem): Measurement {
  const contentOf = (file: string) => readFileSync(join(appDirectory, file));
  const built = globSync('dist/console/*.br', { cwd: appDirectory });
  const pages = globSync('dist/console/*.html', { cwd: appDirectory });
  const sizes = [...built.map(contentOf), ...pages.map((file) => gzipSync(contentOf(file)))];
  const bytes = sizes.reduce((sum, { byteLength }) => sum + byteLength, 0);
  return {
    name: 'Size of the console, compressed',
    measured: `${(bytes / 1024).toFixed(1)} KiB`,
    limit: `at most ${limitBytes / 1024} KiB`,
    passed: built.length > 0 && bytes <= limitBytes,
    explanation: `${sizes.length} files`,
  };
}

const measuredSchema = z.object({
  firstRowsMs: z.number(),
  rows: z.number(),
  polls: z.number(),
  requests: z.number(),
});

async function measurePage(system: BenchSystem): Promise<readonly Measurement[]> {
  return await system.withHttpFunctions(async ({ url }) => {
    // One more part is announced than comes, so that the page goes on asking.
    await fillLedger(system, 'page', 1);
    // The first call loads the libraries of storage, as the batch list does before a person opens a batch.
    await fetch(new URL('/api/bulk?limit=1', url));
    const { PATH = '', CHROMIUM_PATH } = process.env;
    const child = new Child({
      entry: 'test/support/browser/measure-console.ts',
      parameters: [url, 'page'],
      environment: { PATH, ...(CHROMIUM_PATH === undefined ? {} : { CHROMIUM_PATH }) },
    });
    const [printed = ''] = await child.waitForOutput(/\{.*\}/);
    await system.emptyTables();
    return figures(measuredSchema.parse(JSON.parse(printed)));
  });
}

function figures({
  firstRowsMs,
  rows,
  polls,
  requests,
}: z.infer<typeof measuredSchema>): readonly Measurement[] {
  return [
    {
      name: 'First rows of a batch of 100,000',
      measured: `${firstRowsMs.toFixed(0)} ms`,
      limit: `at most ${limitMs} ms`,
      passed: firstRowsMs <= limitMs,
      explanation: 'from the address to the first row, in a new browser without a cache',
    },
    {
      name: 'Rows that the page holds',
      measured: String(rows),
      limit: `at most ${limitRows}`,
      passed: rows <= limitRows,
      explanation: 'of the table, its header included',
    },
    {
      name: 'Requests for each poll',
      measured: (requests / polls).toFixed(1),
      limit: '1',
      passed: requests === polls,
      explanation: `${requests} requests in ${polls} polls`,
    },
  ];
}
