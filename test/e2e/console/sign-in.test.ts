import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium, openChromium } from '../../support/browser/chromium.ts';
import { ConsolePage } from '../../support/browser/console-page.ts';
import { alice, bob, callersTenant, callerUsers } from '../../support/e2e/callers.ts';
import { System } from '../../support/e2e/system.ts';

const chromium = findChromium();

let system: System;
let browser: Browser;

describe.skipIf(chromium === undefined)('the console, where people sign in at a tenant,', () => {
  beforeAll(async () => {
    system = await System.start(callerUsers, {}, { entra: callersTenant });
    browser = await openChromium(chromium ?? '');
  });

  afterAll(async () => {
    await browser?.close();
    await system?.stop();
  });

  const entra = () => system.services.entra;

  /** The emulator's certificate is its own. */
  const open = (path = '') =>
    ConsolePage.open(browser, `${system.functions.url}/api/console${path}`, { ignoreHTTPSErrors: true });

  async function openAs(person: string, path = ''): Promise<ConsolePage> {
    const console = await open(path);
    await signIn(console, person);
    return console;
  }

  async function signIn(console: ConsolePage, person: string): Promise<void> {
    const opened = console.page.waitForEvent('popup');
    await console.click('button', 'Sign in');
    const window = await opened;
    const closed = window.waitForEvent('close');
    await window.getByRole('link', { name: person }).click();
    await closed;
  }

  it('shows somebody with a role the batch that they came for', async () => {
    const sent = await system.call(
      'POST',
      '/api/bulk?batch=for-files',
      { entries: [{ user: bob.sip.slice(4), ring: 'off' }] },
      { authorization: `Bearer ${entra().personToken('files@callers.example', ['SimultaneousRing.Self'])}` },
    );
    expect(sent.status).toBe(202);
    const console = await openAs('files@callers.example', '/for-files');
    await console.see('bob@callers.example');
    expect(new URL(console.page.url()).pathname).toBe('/api/console/for-files');
    await console.expectAccessible();
    await console.close();
  });

  it('shows somebody without a role their own ring and nothing else, and keeps no token', async () => {
    const console = await openAs('alice@callers.example');
    await console.see('Your ring');
    await console.see('nothing besides the user: it is off');
    expect(await console.page.getByRole('link', { name: /Batches|Users/ }).count()).toBe(0);
    await console.page.getByText('When', { exact: true }).click();
    expect(await console.page.getByLabel('Not before').count()).toBe(0);
    await console.page.getByLabel('Number or SIP address').fill('+1 425 555 0123');
    await console.click('button', 'Set');
    await console.see('Done, and read back.');
    expect(system.services.ucwa.state(alice.sip)).toMatchObject({ activeSetting: 'SimultaneousRing' });
    await console.expectAccessible();
    const kept = await console.page.evaluate(() =>
      JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, location.href]),
    );
    expect(kept).not.toMatch(/eyJ|alice|access_?token|refresh_?token/i);
    expect(console.errors.filter((error) => !error.includes('401'))).toEqual([]);
    await console.page.reload();
    await console.see('sign in with your work account');
    await console.close();
  });

  it('says why a sign-in failed, without the words of the tenant', async () => {
    entra().fail({ endpoint: 'token', answer: { status: 400, error: 'invalid_grant' } });
    const console = await openAs('alice@callers.example');
    await console.see('The last sign-in failed (AADSTS90033).');
    entra().clearFaults();
    await signIn(console, 'alice@callers.example');
    await console.see('Your ring');
    await console.close();
  });

  it('lets a person begin anew who closed the window of the tenant', async () => {
    const console = await open();
    const opened = console.page.waitForEvent('popup');
    await console.click('button', 'Sign in');
    await (await opened).close();
    await signIn(console, 'alice@callers.example');
    await console.see('Your ring');
    await console.close();
  });

  it('keeps what a person has typed when their sign-in is over', async () => {
    const console = await openAs('alice@callers.example');
    await console.page.getByLabel('Number or SIP address').fill('+1 425 555 0155');
    const refusal = { status: 401, headers: { 'www-authenticate': 'Bearer error="invalid_token"' } };
    await console.page.route('**/simultaneous-ring', (route) => route.fulfill(refusal), { times: 1 });
    await console.click('button', 'Set');
    await console.see('Your sign-in is over');
    await signIn(console, 'alice@callers.example');
    await console.click('button', 'Set');
    await console.see('Done, and read back.');
    await console.close();
  });

  it('cannot be made to change anything by a form of another site', async () => {
    const console = await openAs('desk@callers.example');
    await console.see('Batches');
    const before = system.services.ucwa.requests.length;
    const forged = await console.page.context().newPage();
    await forged.route('https://evil.example/', (route) =>
      route.fulfill({
        contentType: 'text/html',
        body: `<form method="post" enctype="text/plain" action="${system.functions.url}/api/bulk?batch=forged"><input name='{"entries":[{"user":"bob@callers.example","target":"+14255550199","ref":"' value='"}]}'><button>Go</button></form>`,
      }),
    );
    await forged.goto('https://evil.example/');
    const answer = forged.waitForResponse((response) => response.url().includes('/api/bulk'));
    await forged.getByRole('button', { name: 'Go' }).click();
    expect((await answer).status()).toBe(401);
    const token = entra().personToken('watch@callers.example', ['SimultaneousRing.Self']);
    const found = await system.call('GET', '/api/bulk/forged', undefined, {
      authorization: `Bearer ${token}`,
    });
    expect(found.status).toBe(404);
    expect(system.services.ucwa.requests.length).toBe(before);
    await console.close();
  });
});
