import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { judge, judgePart, judgeResponse, schemaPointer } from '../support/api/described.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const books = ['README.md', 'functions/README.md'] as const;
const read = (book: string) => readFileSync(`${root}${book}`, 'utf8');

const blocksOf = (book: string, language: string) =>
  [...read(book).matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(
    ([, block = '']) => block,
  );

/** A text in quotes, or a mark that something was left out: `…` outside of texts. */
const textOrMark = /"(?:[^"\\]|\\.)*"|(?:,\s*)?…/g;

/** An example in JSON; properties that it leaves out do not make it wrong. */
interface Example {
  readonly value: unknown;
  readonly isPart: boolean;
}

function readExample(block: string): Example {
  const isMark = (token: string) => !token.startsWith('"');
  const isPart = (block.match(textOrMark) ?? []).some(isMark);
  const whole = block.replace(textOrMark, (token) => (isMark(token) ? '' : token));
  return { value: JSON.parse(whole), isPart };
}

/** The schema of each kind of example, by what only that kind has. The first that fits counts. */
const kinds: readonly (readonly [schema: string, fits: (value: object) => boolean])[] = [
  ['BulkMessage', (value) => 'schema' in value && value.schema === 'simring/bulk/1'],
  ['ResultsMessage', (value) => 'schema' in value && value.schema === 'simring/results/1'],
  ['Upload', (value) => 'entries' in value && Array.isArray(value.entries)],
  ['UserList', (value) => 'users' in value],
  ['UploadAccepted', (value) => 'rejected' in value && 'batch' in value],
  ['UploadJudged', (value) => 'rejected' in value],
  ['UndoAccepted', (value) => 'undoes' in value && 'status' in value],
  ['CheckAccepted', (value) => 'parts' in value && 'status' in value],
  ['BatchList', (value) => 'batches' in value],
  ['Batch', (value) => 'counts' in value],
  ['Problem', (value) => 'type' in value && 'title' in value],
  ['DeferredOutcome', (value) => 'outcome' in value && value.outcome === 'deferred'],
  ['Outcome', (value) => 'outcome' in value],
  ['UserRingState', (value) => 'user' in value && 'ring' in value],
  ['Health', (value) => 'healthy' in value],
];

function schemaOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  return kinds.find(([, fits]) => fits(value))?.[0];
}

describe.each(books)('the examples of %s', (book) => {
  it('are requests and responses as the description of the API has them', () => {
    const blocks = blocksOf(book, 'json');
    expect(blocks.length).toBeGreaterThanOrEqual(1);
    for (const block of blocks) {
      const { value, isPart } = readExample(block);
      const schema = schemaOf(value);
      expect(schema, block).toBeDefined();
      const judgeExample = isPart ? judgePart : judgeResponse;
      expect(judgeExample(schemaPointer(schema ?? ''), value), block).toEqual([]);
    }
  });

  it('send bodies that the description of the API allows', () => {
    const commands = blocksOf(book, 'sh').flatMap((block) => block.replaceAll('\\\n', ' ').split('\n'));
    const bodies = commands.flatMap((command) =>
      [...command.matchAll(/ -d '([^']*)'/g)].map(([, body = '']) => ({ command, body })),
    );
    expect(bodies.length).toBeGreaterThanOrEqual(1);
    for (const { command, body } of bodies) {
      const schema = command.includes('PUT') ? 'RingRequest' : 'Upload';
      expect(judge(schemaPointer(schema), JSON.parse(body)), command).toEqual([]);
    }
  });
});
