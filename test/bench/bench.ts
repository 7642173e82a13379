import { formatMeasurements, type Measurement, measureRow, type Row } from './measurement.ts';
import { caller } from './rows/caller.ts';
import { chaos } from './rows/chaos.ts';
import { coldImport } from './rows/cold-import.ts';
import { consolePage } from './rows/console.ts';
import { cpu } from './rows/cpu.ts';
import { memory } from './rows/memory.ts';
import { operations } from './rows/operations.ts';
import { requests } from './rows/requests.ts';
import { throughput } from './rows/throughput.ts';
import { report, upload } from './rows/upload.ts';
import { BenchSystem } from './system/bench-system.ts';

const rows: readonly Row[] = [
  requests,
  throughput,
  cpu,
  operations,
  caller,
  coldImport,
  upload,
  report,
  consolePage,
  memory,
  chaos,
];

/** Measures all rows, or the named ones (`npm run bench -- requests throughput`). Returns true where all are within limits. */
async function run(names: readonly string[]): Promise<boolean> {
  const unknown = names.filter((name) => !rows.some((row) => row.name === name));
  if (unknown.length > 0) {
    console.error(
      `Unknown row ${unknown.join(', ')}. The rows are ${rows.map(({ name }) => name).join(', ')}.`,
    );
    return false;
  }
  const chosen = names.length === 0 ? rows : rows.filter(({ name }) => names.includes(name));
  const system = await BenchSystem.start(1 + chosen.reduce((sum, { userCount }) => sum + userCount, 0));
  const measurements: Measurement[] = [];
  try {
    for (const row of chosen) {
      console.error(`Measuring ${row.name} …`);
      measurements.push(...(await measureRow(row, system)));
    }
  } finally {
    await system.stop();
  }
  console.log(formatMeasurements(measurements));
  return measurements.every(({ passed }) => passed);
}

process.exitCode = (await run(process.argv.slice(2))) ? 0 : 1;
