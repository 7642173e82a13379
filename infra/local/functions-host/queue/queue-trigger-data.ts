import type { QueueSettings } from '../app/host-json.ts';
import type { TypedData } from '../app/programming-model.ts';

/** The fields of a queue message that a function receives. */
export interface QueueTriggerMessage {
  readonly text: string;
  readonly dequeueCount: number;
  readonly insertedOn: Date;
  readonly expiresOn: Date;
  readonly nextVisibleOn: Date;
  readonly messageId: string;
  readonly popReceipt: string;
}

/** Decodes the text of a message; undefined when it does not have the encoding set in host.json. */
export function decodeMessage(text: string, encoding: QueueSettings['messageEncoding']): string | undefined {
  if (encoding === 'none') return text;
  const isBase64 = text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
  return isBase64 ? Buffer.from(text, 'base64').toString('utf8') : undefined;
}

/**
 * Returns the trigger metadata that the real host passes to a function. The top-level properties of a JSON object, other than
 * arrays and nulls, override metadata of the same name, as text or JSON
 * (https://github.com/Azure/azure-functions-host/blob/dev/src/WebJobs.Script/Utility.cs, ApplyBindingData).
 */
export function toTriggerMetadata(message: QueueTriggerMessage): Record<string, TypedData> {
  const metadata = new Map<string, [name: string, value: TypedData]>();
  const set = (name: string, value: TypedData | undefined) => {
    // .NET compares these names without case and keeps the spelling that came first.
    const key = name.toLowerCase();
    if (value) metadata.set(key, [metadata.get(key)?.[0] ?? name, value]);
  };
  set('QueueTrigger', { string: message.text });
  set('DequeueCount', { json: String(message.dequeueCount) });
  set('ExpirationTime', toJsonTime(message.expiresOn));
  set('Id', { string: message.messageId });
  set('InsertionTime', toJsonTime(message.insertedOn));
  set('NextVisibleTime', toJsonTime(message.nextVisibleOn));
  set('PopReceipt', { string: message.popReceipt });
  for (const [name, value] of Object.entries(parseObject(message.text))) set(name, toBindingData(value));
  return Object.fromEntries(metadata.values());
}

// Newtonsoft writes a DateTimeOffset with its offset.
function toJsonTime(time: Date): TypedData {
  return { json: JSON.stringify(time.toISOString().replace(/(?:\.000)?Z$/, '+00:00')) };
}

function parseObject(text: string): object {
  // Avoids parsing large texts that cannot be an object.
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
  // Newtonsoft reads such text as a DateTime, and .NET formats it, like booleans, in the invariant culture.
  if (typeof value === 'string') return { string: value.replace(isoTime, '$2/$3/$1 $4') };
  return { string: typeof value === 'boolean' ? (value ? 'True' : 'False') : String(value) };
}
