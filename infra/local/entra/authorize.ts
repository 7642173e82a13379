import type { Codes } from './codes.ts';
import type { Directory } from './directory.ts';
import type { EntraAnswer } from './entra-http.ts';

type AuthorizeDeps = {
  readonly directory: Directory;
  readonly codes: Codes;
  /** The person who is signed in in the browser; without one a page asks. */
  readonly signedIn: string | undefined;
  readonly clientIds: readonly string[];
};

/**
 * Answers a request to the authorization endpoint: redirects with a code for the signed-in person, or shows a page where one
 * is chosen. PKCE with S256 is required.
 */
export function handleAuthorize(deps: AuthorizeDeps, query: URLSearchParams): EntraAnswer {
  const redirectUri = query.get('redirect_uri') ?? '';
  const clientId = query.get('client_id') ?? '';
  // An error goes to the address given only once that is known to belong to the client.
  if (!deps.clientIds.includes(clientId)) return wrong('AADSTS700016: The application was not found.');
  if (!isLoopback(redirectUri)) return wrong('AADSTS50011: The redirect address must be on loopback.');
  const challenge = query.get('code_challenge');
  if (query.get('response_type') !== 'code' || !challenge || query.get('code_challenge_method') !== 'S256')
    return redirect(query, {
      error: 'invalid_request',
      error_description: 'A code with PKCE (S256) is required.',
    });
  const userPrincipalName = query.get('person') ?? deps.signedIn;
  if (userPrincipalName === undefined) {
    if (query.get('prompt') === 'none')
      return redirect(query, {
        error: 'login_required',
        error_description: 'AADSTS50058: Nobody is signed in.',
      });
    return { status: 200, page: choicePage(deps.directory, query) };
  }
  const code = deps.codes.add({
    userPrincipalName: deps.directory.person(userPrincipalName).userPrincipalName,
    clientId,
    redirectUri,
    scope: query.get('scope') ?? '',
    challenge,
    nonce: query.get('nonce') ?? undefined,
  });
  return redirect(query, { code, client_info: '', session_state: '00000000-0000-4000-8000-000000000002' });
}

function redirect(query: URLSearchParams, answer: Readonly<Record<string, string>>): EntraAnswer {
  const values = new URLSearchParams({ ...answer, state: query.get('state') ?? '' });
  if (values.get('client_info') === '') values.delete('client_info');
  const location = new URL(query.get('redirect_uri') ?? '');
  if (query.get('response_mode') === 'fragment') location.hash = values.toString();
  else for (const [name, value] of values) location.searchParams.set(name, value);
  return { location: location.href };
}

function isLoopback(address: string): boolean {
  return URL.canParse(address) && ['localhost', '127.0.0.1', '[::1]'].includes(new URL(address).hostname);
}

function choicePage(directory: Directory, query: URLSearchParams): string {
  const links = directory.people.map(({ userPrincipalName }) => {
    const href = `?${new URLSearchParams([...query, ['person', userPrincipalName]])}`;
    return `<li><a href="${escapeHtml(href)}">${escapeHtml(userPrincipalName)}</a></li>`;
  });
  return `<!doctype html><html lang="en"><title>Sign in</title><h1>Sign in as</h1><ul>${links.join('')}</ul></html>`;
}

function wrong(reason: string): EntraAnswer {
  return {
    status: 400,
    page: `<!doctype html><html lang="en"><title>Error</title><p>${escapeHtml(reason)}</p></html>`,
  };
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
