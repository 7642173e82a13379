import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../../infra/modules/queries/', import.meta.url));

/** The log lines that a query reads: the values it compares with, such as the event, and every field it uses. */
export interface Reading {
  readonly says: Readonly<Record<string, string>>;
  readonly fields: readonly string[];
}

/** The query of an alert or of a tile of the workbook, and what it reads from the log. */
export interface LogQuery {
  readonly name: string;
  readonly text: string;
  readonly readings: readonly Reading[];
}

/** The queries of all alerts, by name. That of the vault reads the vault's log and not the app's: it has no readings. */
export const alertQueries = queriesOf('*.kql');

/** The queries of the workbook's tiles, by name. */
export const tileQueries = queriesOf('workbook/*.kql');

/** The queries to copy in the book for administrators, by their place in it. The last one reads the vault's log. */
export const bookQueries: readonly LogQuery[] = [
  ...readFileSync(`${folder}../../README.md`, 'utf8').matchAll(/^```kusto\n([\s\S]*?)^```/gm),
].map(([, text = ''], index) => ({ name: `book-${index + 1}`, text, readings: [] }));

/** All queries that read the app's log by the name of an event. */
export const logQueries = [...alertQueries, ...tileQueries].filter(({ name }) => name !== 'vault-read');

function queriesOf(files: string): readonly LogQuery[] {
  return globSync(files, { cwd: folder })
    .sort()
    .map((file) => {
      const text = readFileSync(`${folder}${file}`, 'utf8');
      return { name: basename(file, '.kql'), text, readings: readingsOf(text) };
    });
}

/** Returns what each pipeline that looks for an event reads. Throws if an event is compared other than with `==`. */
function readingsOf(text: string): readonly Reading[] {
  const pipelines = pipelinesOf(text);
  const readings = pipelines.flatMap(alternativesOf).flatMap((pipeline) => {
    const fields = new Set([...pipeline.matchAll(/\bline\.(\w+)/g)].map(([, field = '']) => field));
    if (!fields.has('event')) return [];
    const compared = pipeline.matchAll(/tostring\(line\.(\w+)\) == "([\w-]+)"/g);
    const says = Object.fromEntries([...compared].map(([, field = '', word = '']) => [field, word]));
    return [{ says, fields: [...fields] }];
  });
  const asked = text.match(/\bline\.event\b/g)?.length ?? 0;
  const compared = pipelines.filter((pipeline) => /\bline\.event\b/.test(pipeline)).length;
  if (compared !== asked || readings.some(({ says }) => says['event'] === undefined))
    throw new Error(`An event is compared other than with ==: ${text}`);
  return readings;
}

/** Returns a pipeline once for each side of an `or` between two compared values. */
function alternativesOf(pipeline: string): readonly string[] {
  const value = String.raw`tostring\(line\.\w+\) == "[\w-]+"`;
  const [both, left = '', right = ''] = new RegExp(`(${value}) or (${value})`).exec(pipeline) ?? [];
  return both === undefined ? [pipeline] : [left, right].map((side) => pipeline.replace(both, side));
}

/** Returns the pipelines of a query, each from its table on: a name defined by `let` is replaced with its pipeline. */
function pipelinesOf(text: string): readonly string[] {
  const named = new Map<string, string>();
  const statements = text.replace(/\/\/.*$/gm, '').split(';');
  return statements.map((statement) => {
    const [, name, body = ''] = /^\s*(?:let (\w+) =)?\s*(.*?)\s*$/s.exec(statement) ?? [];
    const source = /^\w+/.exec(body)?.[0] ?? '';
    const pipeline = body.replace(source, named.get(source) ?? source);
    if (name !== undefined) named.set(name, pipeline);
    return pipeline;
  });
}
