import { formatTable } from '../../infra/local/demo/table.ts';
import type { World } from './world/world.ts';

/** One figure beside its limit. */
export interface Measurement {
  readonly what: string;
  readonly measured: string;
  readonly limit: string;
  readonly passed: boolean;
  /** How it was measured, and what else is of use to whoever wonders. */
  readonly how: string;
}

/** One row of the table of limits, or a few that are measured together. */
export interface Row {
  readonly name: string;
  /** How many people of its own it needs. */
  readonly people: number;
  measure(world: World): Promise<readonly Measurement[]>;
}

/** Measures a row. What cannot be measured has not passed. */
export async function measureRow(row: Row, world: World): Promise<readonly Measurement[]> {
  try {
    return await row.measure(world);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return [{ what: row.name, measured: 'not measured', limit: '', passed: false, how: reason }];
  }
}

/** The figures as columns, each with how it was measured in a line below. */
export function formatMeasurements(measurements: readonly Measurement[]): string {
  const rows = measurements.map(({ what, measured, limit, passed }) => [
    passed ? 'ok' : 'MISSED',
    what,
    measured,
    limit,
  ]);
  const [head = '', rule = '', ...lines] = formatTable(['', 'What', 'Measured', 'Limit'], rows).split('\n');
  const explained = lines.map((line, index) => `${line}\n          ${measurements[index]?.how ?? ''}`);
  return [head, rule, ...explained].join('\n');
}

/** The middle of some numbers. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
