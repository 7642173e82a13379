import { formatTable } from '../../infra/local/demo/table.ts';
import type { BenchSystem } from './system/bench-system.ts';

/** One figure with its limit. */
export interface Measurement {
  readonly name: string;
  readonly measured: string;
  readonly limit: string;
  readonly passed: boolean;
  /** How it was measured, and further figures that help to understand it. */
  readonly explanation: string;
}

/** One row of the table of limits, or several that are measured together. */
export interface Row {
  readonly name: string;
  /** The number of users that it needs for itself. */
  readonly userCount: number;
  measure(system: BenchSystem): Promise<readonly Measurement[]>;
}

/** Measures a row. A row that cannot be measured has not passed. */
export async function measureRow(row: Row, system: BenchSystem): Promise<readonly Measurement[]> {
  try {
    return await row.measure(system);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return [{ name: row.name, measured: 'not measured', limit: '', passed: false, explanation: reason }];
  }
}

/** Returns the figures as a table, each with its explanation on the next line. */
export function formatMeasurements(measurements: readonly Measurement[]): string {
  const rows = measurements.map(({ name, measured, limit, passed }) => [
    passed ? 'ok' : 'MISSED',
    name,
    measured,
    limit,
  ]);
  const [head = '', rule = '', ...lines] = formatTable(['', 'Figure', 'Measured', 'Limit'], rows).split('\n');
  const explained = lines.map(
    (line, index) => `${line}\n          ${measurements[index]?.explanation ?? ''}`,
  );
  return [head, rule, ...explained].join('\n');
}

/** Returns the median. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
