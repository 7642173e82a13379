import { readdir, readFile } from 'node:fs/promises';
import { app, type HttpResponseInit } from '@azure/functions';
import * as instance from '../shared/azure/instance.ts';
import { correlationHeader } from '../shared/http/correlation.ts';
import {
  assetResponse,
  type PageFile,
  pageResponse,
  signedInResponse,
} from '../shared/http/page-response.ts';
import { type BareCall, serveBare } from '../shared/http/serve.ts';
import { once } from '../shared/runtime/once.ts';

app.http('console', {
  methods: ['GET'],
  route: 'console',
  ...serveBare(instance, 'anonymous', page),
});

app.http('console-batch', {
  methods: ['GET'],
  route: 'console/{batch}',
  ...serveBare(instance, 'anonymous', page),
});

app.http('console-asset', {
  methods: ['GET'],
  route: 'console/assets/{file}',
  ...serveBare(instance, 'anonymous', asset),
});

const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
};

/** The build puts the console's files beside the folder of this one. Read when they are first asked for. */
const readFiles = once(async (): Promise<ReadonlyMap<string, PageFile>> => {
  const folder = new URL('../console/', import.meta.url);
  const files = new Map<string, PageFile>();
  const names = await readdir(folder);
  for (const name of names) {
    const type = types[name.split('.').at(-1) ?? ''];
    if (type === undefined) continue;
    const content = await readFile(new URL(name, folder));
    const brotli = names.includes(`${name}.br`) ? await readFile(new URL(`${name}.br`, folder)) : undefined;
    files.set(name, { type, content, brotli });
  }
  return files;
});

/** The page is the same for every batch: it asks for the batch itself. */
async function page(call: BareCall): Promise<HttpResponseInit> {
  const file = (await readFiles()).get('index.html');
  return file === undefined ? notFound(call) : await pageResponse(call, file, instance.entra);
}

/** The page at which a sign-in ends has a name that stays: the application's registration has it. */
async function asset(call: BareCall): Promise<HttpResponseInit> {
  const name = call.request.params['file'] ?? '';
  const file = (await readFiles()).get(name);
  if (file === undefined || name === 'index.html') return notFound(call);
  return name === 'signed-in.html' ? await signedInResponse(call, file) : await assetResponse(call, file);
}

function notFound({ correlationId }: BareCall): HttpResponseInit {
  return { status: 404, headers: { [correlationHeader]: correlationId } };
}
