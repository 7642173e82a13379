import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../../infra/modules/queries/', import.meta.url));

/** The query of an alert, and what it reads of the lines that the code logs. */
export interface AlertQuery {
  readonly name: string;
  readonly text: string;
  readonly events: readonly string[];
  readonly fields: readonly string[];
}

/** The queries of all alerts, by name. */
export const alertQueries: readonly AlertQuery[] = globSync('*.kql', { cwd: folder })
  .sort()
  .map((file) => {
    const text = readFileSync(`${folder}${file}`, 'utf8');
    const compared = [...text.matchAll(/tostring\(line\.event\) (?:==|in) \(?([^()\n]+?)\)?(?: and .*)?$/gm)];
    const events = compared.flatMap(([, words = '']) =>
      [...words.matchAll(/"([\w-]+)"/g)].map(([, word = '']) => word),
    );
    const fields = [...text.matchAll(/\bline\.(\w+)/g)].map(([, field = '']) => field);
    return { name: basename(file, '.kql'), text, events, fields: [...new Set(fields)] };
  });
