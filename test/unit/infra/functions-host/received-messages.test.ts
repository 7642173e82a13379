import { describe, expect, it } from 'vitest';
import { messageTextsOf } from '../../../../infra/local/functions-host/queue/received-messages.ts';

function textOf(written: string): string | undefined {
  const [text] = messageTextsOf(`<QueueMessage><MessageText>${written}</MessageText></QueueMessage>`);
  return text;
}

describe('the text of a received message', () => {
  it.each([
    ['{"a":1}', '{"a":1}'],
    ['a&#xD;\nb', 'a\r\nb'],
    ['a&#xd;b', 'a\rb'],
    ['a&#13;&#10;b', 'a\r\nb'],
    ['a\r\nb\rc', 'a\nb\nc'],
    ['&lt;a&gt; &amp; &quot;b&quot; &apos;c&apos;', `<a> & "b" 'c'`],
    ['&amp;lt; &amp;#xD; &amp;amp;', '&lt; &#xD; &amp;'],
    ['&#38;lt;', '&lt;'],
    ['&#x1F600;', '😀'],
    ['&#x110000; &none; & ;', '&#x110000; &none; & ;'],
    ['', ''],
  ])('has its references decoded once: %j', (written, text) => {
    expect(textOf(written)).toBe(text);
  });

  it('is found for each message, in order', () => {
    const xml =
      '<QueueMessagesList><M><MessageText>1</MessageText></M><M><MessageText /></M><M><MessageText>&#51;</MessageText></M></QueueMessagesList>';
    expect(messageTextsOf(xml)).toEqual(['1', '', '3']);
  });
});
