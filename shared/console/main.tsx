import { render } from 'preact';
import { tenantOf } from './api/sign-in.ts';
import { App } from './app.tsx';

const root = document.getElementById('console');
if (root === null) throw new Error('The page has no element for the console.');
const tenant = tenantOf(document);
// The library of Entra is larger than all else, and most deployments have keys.
const entra =
  tenant === undefined
    ? undefined
    : await (await import('./api/entra-authorization.ts')).EntraAuthorization.open(tenant);
render(<App entra={entra} />, root);
