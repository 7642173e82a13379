import { parseSecureUrl } from './secure-url.ts';

/** The names that the queue and table clients read. */
const knownNames = [
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

/** Returns what is wrong with a connection string for queues and tables, without its value; undefined if it is valid. */
export function connectionStringProblem(text: string): string | undefined {
  const fields = parseConnectionString(text);
  const isDevelopment = fields.has('UseDevelopmentStorage');
  const isUsable = isDevelopment ? isDevelopmentStorage(text) : isComplete(fields);
  if (!areNamesSpelledExactly(fields) || !isUsable) {
    return 'must be a connection string of a storage account.';
  }
  const isSecure = isDevelopment
    ? isSecureEndpoint(fields.get('DevelopmentStorageProxyUri'))
    : areEndpointsSecure(fields);
  return isSecure ? undefined : 'must have https:// endpoints (http:// on loopback only).';
}

/** The fields of a connection string by name, without empty ones. Of two with one name the first counts. */
function parseConnectionString(text: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const [, name = '', value = ''] of text.matchAll(/(?:^|;)\s*(\w+)=([^;]*)/g)) {
    if (!fields.has(name)) fields.set(name, value.trim());
  }
  return new Map([...fields].filter(([, value]) => value !== ''));
}

/** The table client ignores the case of names, the queue client does not: otherwise each would read something else. */
function areNamesSpelledExactly(fields: ReadonlyMap<string, string>): boolean {
  const spelling = new Map(knownNames.map((name) => [name.toLowerCase(), name]));
  return [...fields.keys()].every((name) => (spelling.get(name.toLowerCase()) ?? name) === name);
}

/** The clients differ in which of repeated fields they take; they agree where each stands once, in this order. */
function isDevelopmentStorage(text: string): boolean {
  return /^UseDevelopmentStorage=true(?:;DevelopmentStorageProxyUri=[^;]*)?;?$/.test(text);
}

/** True if no field is missing that the clients would throw for. */
function isComplete(fields: ReadonlyMap<string, string>): boolean {
  const has = (...names: readonly string[]) => names.every((name) => fields.has(name));
  const endpoints = has('QueueEndpoint', 'TableEndpoint');
  return (
    (has('SharedAccessSignature') && endpoints) ||
    (has('DefaultEndpointsProtocol', 'AccountName', 'AccountKey') && (has('EndpointSuffix') || endpoints))
  );
}

/** An endpoint that is left out follows from the protocol. */
function areEndpointsSecure(fields: ReadonlyMap<string, string>): boolean {
  const isHttp = fields.get('DefaultEndpointsProtocol')?.toLowerCase() === 'http';
  return ['QueueEndpoint', 'TableEndpoint'].every((name) =>
    fields.has(name) ? isSecureEndpoint(fields.get(name)) : !isHttp,
  );
}

function isSecureEndpoint(endpoint: string | undefined): boolean {
  return endpoint === undefined || parseSecureUrl(endpoint) !== undefined;
}
