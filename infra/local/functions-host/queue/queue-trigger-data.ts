import type { QueueSettings } from '../app/host-json.ts';
import type { TypedData } from '../app/programming-model.ts';

/** A message as far as the function gets to know of it; what a call by hand does not have is left out. */
export interface QueueTriggerMessage {
  readonly text: string;
  readonly dequeueCount: number;
  readonly insertedOn: Date;
  readonly expiresOn?: Date;
  readonly nextVisibleOn?: Date;
  readonly messageId?: string;
  readonly popReceipt?: string;
}

/** The text of a message as sent, or undefined when it is not in the encoding that host.json demands. */
export function decodeMessage(text: string, encoding: QueueSettings['messageEncoding']): string | undefined {
  if (encoding === 'none') return text;
  const isBase64 = text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
  return isBase64 ? Buffer.from(text, 'base64').toString('utf8') : undefined;
}

/**
 * The trigger metadata that the real host sends along. Where the text is a JSON object, its top-level properties other
 * than arrays and nulls are mixed in, over the host's own, as text or JSON
 * (https://github.com/Azure/azure-functions-host/blob/dev/src/WebJobs.Script/Utility.cs, ApplyBindingData).
 */
export function toTriggerMetadata(message: QueueTriggerMessage): Record<string, TypedData> {
  const metadata = new Map<string, [name: string, value: TypedData]>();
  const set = (name: string, value: TypedData | undefined) => {
    // .NET keeps these names without regard to case, in the spelling that came first.
    const key = name.toLowerCase();
    if (value) metadata.set(key, [metadata.get(key)?.[0] ?? name, value]);
  };
  set('QueueTrigger', { string: message.text });
  set('DequeueCount', { json: String(message.dequeueCount) });
  set('ExpirationTime', toJsonTime(message.expiresOn));
  set('Id', toText(message.messageId));
  set('InsertionTime', toJsonTime(message.insertedOn));
  set('NextVisibleTime', toJsonTime(message.nextVisibleOn));
  set('PopReceipt', toText(message.popReceipt));
  for (const [name, value] of Object.entries(parseObject(message.text))) set(name, toBindingData(value));
  return Object.fromEntries(metadata.values());
}

function toText(text: string | undefined): TypedData | undefined {
  return text === undefined ? undefined : { string: text };
}

// Newtonsoft writes a DateTimeOffset with its offset; a message that never expires has .NET's last moment.
function toJsonTime(time: Date | undefined): TypedData {
  const text = time?.toISOString().replace(/(?:\.000)?Z$/, '+00:00') ?? '9999-12-31T23:59:59.9999999+00:00';
  return { json: JSON.stringify(text) };
}

function parseObject(text: string): object {
  // Large texts that are no object need not be parsed to find that out.
  if (!text.trimStart().startsWith('{')) return {};
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? parsed : {};
  } catch {
    return {};
  }
}

const isoTime = /^(\d{4})-(\d\d)-(\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?Z?$/;

function toBindingData(value: unknown): TypedData | undefined {
  if (value === null || Array.isArray(value)) return undefined;
  if (typeof value === 'object') return { json: JSON.stringify(value) };
  // Newtonsoft takes such text for a DateTime and .NET writes it in the invariant culture; so it does booleans.
  if (typeof value === 'string') return { string: value.replace(isoTime, '$2/$3/$1 $4') };
  return { string: typeof value === 'boolean' ? (value ? 'True' : 'False') : String(value) };
}
