import type { DequeuedMessageItem, QueueClient, QueueReceiveMessageOptions } from '@azure/storage-queue';

/**
 * Receives messages with their texts as the XML of the response means them. The library for JavaScript leaves character
 * references as they are, so that CR LF, which storage sends as `&#xD;` and LF, would reach a function as other text than in
 * Azure; in what it returns they cannot be told from the same characters written by a sender.
 */
export async function receiveMessages(
  queue: QueueClient,
  options: QueueReceiveMessageOptions,
): Promise<readonly DequeuedMessageItem[]> {
  const { receivedMessageItems, _response: response } = await queue.receiveMessages(options);
  const texts = messageTextsOf(response.bodyAsText);
  return receivedMessageItems.map((message, index) => ({
    ...message,
    messageText: texts[index] ?? message.messageText,
  }));
}

/** Returns the texts of the messages in a response of "Get Messages", in order. */
export function messageTextsOf(xml: string): readonly string[] {
  const elements = xml.matchAll(/<MessageText(?:\s*\/>|>(?<text>[^<]*)<\/MessageText>)/g);
  return Array.from(elements, ({ groups }) => decodeText(groups?.['text'] ?? ''));
}

const named: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** Decodes references once: what a decoded one begins, such as `&amp;lt;`, stays. Other references are no XML, and stay too. */
function decodeText(text: string): string {
  // XML reads a line break that is not written as a reference as LF.
  return text.replace(/\r\n?/g, '\n').replace(/&(#x[\da-f]+|#\d+|\w+);/gi, (reference, name: string) => {
    if (!name.startsWith('#')) return named[name] ?? reference;
    const isHexadecimal = /^#x/i.test(name);
    const code = Number.parseInt(name.slice(isHexadecimal ? 2 : 1), isHexadecimal ? 16 : 10);
    return code <= 0x10ffff ? String.fromCodePoint(code) : reference;
  });
}
