// The page at which a sign-in ends. The library is in the browser already: the page that waits has loaded it.
void import('./api/entra-authorization.ts').then(({ endSignIn }) => endSignIn());
