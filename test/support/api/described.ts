import { Ajv2020 } from 'ajv/dist/2020.js';
import * as z from 'zod';
import { describeApi } from '../../../shared/http/api/describe-api.ts';

/** The description as a caller gets it. */
export const description: Readonly<Record<string, unknown>> = JSON.parse(JSON.stringify(describeApi()));

const operationSchema = z.looseObject({
  responses: z.record(
    z.string(),
    z.object({
      content: z.record(z.string(), z.unknown()).default({}),
      headers: z.record(z.string(), z.unknown()).default({}),
    }),
  ),
});

/** The operations of the description by path and method, and the names of its schemas. */
export const { paths, components } = z
  .object({
    paths: z.record(z.string(), z.record(z.string(), operationSchema.or(z.array(z.unknown())))),
    components: z.object({ schemas: z.record(z.string(), z.unknown()) }),
  })
  .parse(description);

/** Tells what is wrong with a value where a pointer into the description leads to its schema; empty where nothing is. */
export type Judge = (pointer: string, value: unknown) => readonly string[];

/** A day that its month does not have has the right pattern. */
function isExistingDay(text: string): boolean {
  const [year = 0, month = 0, day = 0] = text.slice(0, 10).split('-').map(Number);
  return day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}

function judgeOf(document: object): Judge {
  // What a description says of a route is not JSON Schema: `strictTypes` would want types in every `anyOf`.
  const ajv = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false, allErrors: true });
  // The document is one big schema to ajv, in which references lead to the small ones.
  ajv.addVocabulary(Object.keys(description));
  ajv.addFormat('date-time', isExistingDay);
  ajv.addSchema({ $id: 'api', ...document }, undefined, undefined, false);
  const compiled = new Map<string, ReturnType<typeof ajv.compile>>();
  return (pointer, value) => {
    const validate = compiled.get(pointer) ?? ajv.compile({ $ref: `api#${pointer}` });
    compiled.set(pointer, validate);
    if (validate(value)) return [];
    return (validate.errors ?? []).map(
      (error) => `${error.instancePath} ${error.message} ${JSON.stringify(error.params)}`,
    );
  };
}

/** Returns the description with each of its schemas changed. */
function withEach(change: (schema: Record<string, unknown>) => Record<string, unknown>): object {
  const walk = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(walk);
    if (typeof node !== 'object' || node === null) return node;
    return change(Object.fromEntries(Object.entries(node).map(([name, value]) => [name, walk(value)])));
  };
  return Object(walk(description));
}

const closed = (schema: Record<string, unknown>) =>
  schema['type'] === 'object' && 'properties' in schema ? { additionalProperties: false, ...schema } : schema;

/** Judges by the description as it is. */
export const judge: Judge = judgeOf(description);

/** Judges responses: a property that the description does not have is wrong, though callers must expect further ones. */
export const judgeResponse: Judge = judgeOf(withEach(closed));

/** Judges examples that leave properties out. */
export const judgePart: Judge = judgeOf(
  withEach((schema) => {
    const { required, ...rest } = closed(schema);
    return Array.isArray(required) ? rest : { ...rest, ...(required === undefined ? {} : { required }) };
  }),
);

/** Returns the pointer to a schema of the description by its name. */
export function schemaPointer(name: string): string {
  return `/components/schemas/${name}`;
}

/** Returns the path of the description that a URL has. */
export function describedPath(url: string): string | undefined {
  const { pathname } = new URL(url, 'http://host');
  return Object.keys(paths).find((path) =>
    new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(pathname),
  );
}
