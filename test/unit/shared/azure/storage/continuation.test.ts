import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkContinuation } from '../../../../../shared/azure/storage/continuation.ts';
import { ContinuationUnknownError } from '../../../../../shared/ring/ports/ledger.ts';

const base64 = (text: string) => Buffer.from(text, 'utf8').toString('base64');
const good = base64('{"nextPartitionKey":"1!8!aHJ8MDAw","nextRowKey":"1!8!MDAwMDAx"}');

describe('a continuation', () => {
  it('is taken as storage made it', () => {
    expect(checkContinuation(good)).toEqual({ continuationToken: good });
    expect(checkContinuation(undefined)).toEqual({});
  });

  it.each([
    ['half a character in its partition key', base64('{"nextPartitionKey":"\\ud800"}')],
    ['half a character in its row key', base64('{"nextPartitionKey":"a","nextRowKey":"x\\udc00"}')],
    ['half a character behind it', `${good}\ud800`],
    ['something behind it', `${good}!`],
    ['blanks in it', ` ${good}`],
    ['another alphabet', good.replaceAll('=', '').concat('-_')],
    ['no partition key', base64('{"nextRowKey":"a"}')],
    ['no JSON', base64('nextPartitionKey')],
    ['a key that is no text', base64('{"nextPartitionKey":1}')],
    ['nothing', ''],
  ])('is not valid with %s', (_what, token) => {
    expect(() => checkContinuation(token)).toThrow(ContinuationUnknownError);
  });

  it('is refused or can stand in a URL, whatever it is', () => {
    const token = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'binary' }).map((key) => base64(JSON.stringify({ nextPartitionKey: key }))),
    );
    fc.assert(
      fc.property(token, (text) => {
        try {
          checkContinuation(text);
        } catch (error) {
          expect(error).toBeInstanceOf(ContinuationUnknownError);
          return;
        }
        const { nextPartitionKey } = JSON.parse(Buffer.from(text, 'base64').toString('utf8'));
        expect(() => encodeURIComponent(nextPartitionKey)).not.toThrow();
      }),
    );
  });
});
