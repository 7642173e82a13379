import { formatMeasurements, type Measurement, measureRow, type Row } from './measurement.ts';
import { chaos } from './rows/chaos.ts';
import { coldImport } from './rows/cold-import.ts';
import { cpu } from './rows/cpu.ts';
import { memory } from './rows/memory.ts';
import { operations } from './rows/operations.ts';
import { requests } from './rows/requests.ts';
import { throughput } from './rows/throughput.ts';
import { World } from './world/world.ts';

const rows: readonly Row[] = [requests, throughput, cpu, operations, coldImport, memory, chaos];

/** Measures all rows, or those that are named: `npm run bench -- requests throughput`. */
async function run(names: readonly string[]): Promise<boolean> {
  const unknown = names.filter((name) => !rows.some((row) => row.name === name));
  if (unknown.length > 0) {
    console.error(
      `There is no row ${unknown.join(', ')}; there are ${rows.map(({ name }) => name).join(', ')}.`,
    );
    return false;
  }
  const chosen = names.length === 0 ? rows : rows.filter(({ name }) => names.includes(name));
  const world = await World.start(1 + chosen.reduce((sum, { people }) => sum + people, 0));
  const measurements: Measurement[] = [];
  try {
    for (const row of chosen) {
      console.error(`Measuring ${row.name} …`);
      measurements.push(...(await measureRow(row, world)));
    }
  } finally {
    await world.stop();
  }
  console.log(formatMeasurements(measurements));
  return measurements.every(({ passed }) => passed);
}

process.exitCode = (await run(process.argv.slice(2))) ? 0 : 1;
