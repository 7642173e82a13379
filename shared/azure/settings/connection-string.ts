import { parseSecureUrl } from './secure-url.ts';

/** The names that the clients of queues and tables look for. */
const namesRead = [
  'UseDevelopmentStorage',
  'DevelopmentStorageProxyUri',
  'DefaultEndpointsProtocol',
  'AccountName',
  'AccountKey',
  'EndpointSuffix',
  'QueueEndpoint',
  'TableEndpoint',
  'SharedAccessSignature',
];

/** What is wrong with a connection string for queues and tables, without its value; undefined where nothing is. */
export function connectionStringProblem(text: string): string | undefined {
  const parts = parseConnectionString(text);
  const isDevelopment = parts.has('UseDevelopmentStorage');
  const isUsable = isDevelopment ? isDevelopmentStorage(text) : isComplete(parts);
  if (!haveOneSpelling(parts) || !isUsable) {
    return 'must be a connection string of a storage account.';
  }
  const isSecure = isDevelopment
    ? isSecurePlace(parts.get('DevelopmentStorageProxyUri'))
    : leadToSecurePlaces(parts);
  return isSecure ? undefined : 'must lead to https:// (http:// for this machine alone).';
}

/** The parts of a connection string by name, without those that are empty. Of two of one name the first counts. */
function parseConnectionString(text: string): ReadonlyMap<string, string> {
  const parts = new Map<string, string>();
  for (const [, name = '', value = ''] of text.matchAll(/(?:^|;)\s*(\w+)=([^;]*)/g)) {
    if (!parts.has(name)) parts.set(name, value.trim());
  }
  return new Map([...parts].filter(([, value]) => value !== ''));
}

/** The client of tables reads a name in any case, that of queues in one: another would mean other things to each. */
function haveOneSpelling(parts: ReadonlyMap<string, string>): boolean {
  const spelling = new Map(namesRead.map((name) => [name.toLowerCase(), name]));
  return [...parts.keys()].every((name) => (spelling.get(name.toLowerCase()) ?? name) === name);
}

/** The clients look for it in different places, and take the first or the last proxy: where all is said once, they agree. */
function isDevelopmentStorage(text: string): boolean {
  return /^UseDevelopmentStorage=true(?:;DevelopmentStorageProxyUri=[^;]*)?;?$/.test(text);
}

/** Tells whether all is there that the clients need: they throw where a part is missing. */
function isComplete(parts: ReadonlyMap<string, string>): boolean {
  const has = (...names: readonly string[]) => names.every((name) => parts.has(name));
  const endpoints = has('QueueEndpoint', 'TableEndpoint');
  return (
    (has('SharedAccessSignature') && endpoints) ||
    (has('DefaultEndpointsProtocol', 'AccountName', 'AccountKey') && (has('EndpointSuffix') || endpoints))
  );
}

/** A place that is not named follows from the protocol. */
function leadToSecurePlaces(parts: ReadonlyMap<string, string>): boolean {
  const isPlain = parts.get('DefaultEndpointsProtocol')?.toLowerCase() === 'http';
  return ['QueueEndpoint', 'TableEndpoint'].every((name) =>
    parts.has(name) ? isSecurePlace(parts.get(name)) : !isPlain,
  );
}

function isSecurePlace(place: string | undefined): boolean {
  return place === undefined || parseSecureUrl(place) !== undefined;
}
