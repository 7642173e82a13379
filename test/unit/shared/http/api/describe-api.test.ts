import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';
import { ownEntryProperties } from '../../../../../shared/ring/batch/message/entry.ts';
import { ownMessageProperties } from '../../../../../shared/ring/batch/message/message.ts';
import { components, description, judge, schemaPointer } from '../../../../support/api/described.ts';

/** The values of a member, wherever it stands in the description. */
function membersNamed(name: string, node: unknown = description): readonly unknown[] {
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([key, value]) => [
    ...(key === name ? [value] : []),
    ...membersNamed(name, value),
  ]);
}

describe('the description of the API', () => {
  it('is valid OpenAPI 3.1', async () => {
    expect(await new Validator().validate({ ...description })).toEqual({ valid: true });
  });

  it('has only schemas that compile, and only references that lead somewhere', () => {
    const names = Object.keys(components.schemas);
    expect(names.length).toBeGreaterThan(15);
    for (const name of names) expect(judge(schemaPointer(name), 7), name).not.toEqual([]);
    const referred = new Set(membersNamed('$ref').map(String));
    expect(referred.size).toBeGreaterThan(20);
    const places = [...referred].map((reference) =>
      reference
        .slice(2)
        .split('/')
        .reduce<unknown>((node, step) => Object(node)[step], description),
    );
    expect(places).not.toContain(undefined);
  });

  it('uses every schema of its own, but for the messages of queues', () => {
    const used = new Set(membersNamed('$ref').map((reference) => String(reference).split('/').at(-1)));
    const unused = Object.keys(components.schemas).filter((name) => !used.has(name));
    expect(unused.toSorted()).toEqual(['BulkMessage', 'ResultsMessage']);
  });

  it('has none of the properties that only the app sets in what senders write', () => {
    const { BulkEntry, BulkMessage, Upload } = components.schemas;
    const own = [...ownEntryProperties, ...ownMessageProperties];
    for (const schema of [BulkEntry, BulkMessage, Upload]) {
      const names = Object.keys(Object(Object(schema).properties));
      expect(names.length).toBeGreaterThan(4);
      expect(names.filter((name) => own.some((ours) => ours === name))).toEqual([]);
    }
  });

  it('describes every property and every parameter', () => {
    const properties = membersNamed('properties').flatMap((members) => Object.entries(Object(members)));
    // What only narrows a property that is described elsewhere has neither type nor reference.
    const undescribed = properties.filter(
      ([, schema]) => ('type' in Object(schema) || '$ref' in Object(schema)) && !hasDescription(schema),
    );
    expect(undescribed.map(([name]) => name)).toEqual([]);
    const parameters = membersNamed('parameters').flatMap((some) => Object.values(Object(some)));
    expect(parameters.filter((one) => !('$ref' in Object(one)) && !hasDescription(one))).toEqual([]);
  });

  it('has examples that its schemas allow', () => {
    const examples = Object.entries(components.schemas).flatMap(([name, schema]) =>
      Object.values(Object(Object(schema).examples)).map((example) => [name, example] as const),
    );
    expect(examples.length).toBeGreaterThanOrEqual(5);
    for (const [name, example] of examples) expect(judge(schemaPointer(name), example), name).toEqual([]);
  });
});

function hasDescription(node: unknown): boolean {
  return typeof Object(node).description === 'string';
}
