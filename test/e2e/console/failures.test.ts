import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium, openChromium } from '../../support/browser/chromium.ts';
import { ConsolePage } from '../../support/browser/console-page.ts';
import { localUser, System } from '../../support/e2e/system.ts';

const chromium = findChromium();

/** What an instance that stops leaves behind is free again soon. */
const settings = { LOCAL_LEASE_SECONDS: '2', UCWA_ATTEMPT_LIMIT_MS: '10000' };

let system: System;
let browser: Browser;

describe.skipIf(chromium === undefined)('the console, when something is wrong,', () => {
  beforeAll(async () => {
    system = await System.start([localUser('ann@fail.example')], settings);
    browser = await openChromium(chromium ?? '');
  });

  afterAll(async () => {
    await browser?.close();
    await system?.stop();
  });

  const open = (path = '', url = system.functions.url) =>
    ConsolePage.open(browser, `${url}/api/console${path}`);

  it('asks for the key where one is needed, says that a wrong one is, and keeps it in memory only', async () => {
    const console = await open();
    await console.see('There is no batch yet');
    // As Azure does before a function runs. The local host asks for no key.
    await console.page.route('**/api/bulk?*', async (route) =>
      route.request().headers()['x-functions-key'] === 'right-key'
        ? await route.continue()
        : await route.fulfill({ status: 401, body: '' }),
    );
    await console.page.getByLabel('Show checks, undos and single changes').check();
    await console.see('The functions ask for a key');
    await console.page.getByRole('textbox', { name: 'Function key' }).fill('wrong-key');
    await console.click('button', 'Go on');
    await console.see('do not accept this key');
    await console.page.getByRole('textbox', { name: 'Function key' }).fill(' right-key ');
    await console.click('button', 'Go on');
    await console.see('There is no batch yet');
    const kept = await console.page.evaluate(() => [
      JSON.stringify({ ...localStorage }),
      JSON.stringify({ ...sessionStorage }),
      document.cookie,
      location.href,
    ]);
    expect(kept.join()).not.toContain('-key');
    await console.page.reload();
    await console.see('The functions ask for a key');
    await console.close();
  });

  it('says so where the functions take tokens since the page was loaded', async () => {
    const console = await open();
    await console.see('There is no batch yet');
    await console.page.route('**/api/bulk?*', (route) =>
      route.fulfill({
        status: 401,
        headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
        body: '',
      }),
    );
    await console.page.getByLabel('Show checks, undos and single changes').check();
    await console.see('The functions now ask for an Entra sign-in. Load the page again.');
    await console.close();
  });

  it('says that the functions cannot serve, and goes on when they can', async () => {
    const console = await open();
    await console.see('There is no batch yet');
    let isDown = true;
    await console.page.route('**/api/bulk?*', async (route) =>
      isDown ? await route.fulfill({ status: 503, body: '' }) : await route.continue(),
    );
    await console.page.getByLabel('Show checks, undos and single changes').check();
    await console.see('The functions cannot serve now');
    isDown = false;
    await console.see('There is no batch yet');
    await console.close();
  });

  it('survives a restart of the functions while a batch runs', async () => {
    const first = await system.startInstance();
    const { port } = new URL(first.url);
    const console = await open('', first.url);
    system.services.ucwa.setLatency(400);
    const rows = Array.from({ length: 60 }, (_, nth) => `ann@fail.example,+14255550${100 + nth}`);
    await console.choose('long.csv', `user,target\n${rows.join('\n')}\n`);
    await console.click('button', 'Send 60 entries');
    await console.see('In progress');
    await first.stop('SIGTERM');
    await console.see('The functions cannot be reached');
    await console.see('In progress');
    const second = await system.startInstance({ PORT_FUNCTIONS: port });
    system.services.ucwa.setLatency(0);
    await console.see(/Finished: 60 of 60 entries ended/);
    await console.page.getByText('The functions cannot be reached').waitFor({ state: 'detached' });
    await console.close();
    await second.stop();
  });

  it('says that an action was not carried out where there is no connection', async () => {
    const console = await open();
    await console.see('Send a file');
    await console.page.context().setOffline(true);
    await console.choose('people.csv', 'user,target\nann@fail.example,+14255550123\n');
    await console.see('Nothing is known to have been done');
    await console.page.context().setOffline(false);
    await console.click('button', 'Check the file again');
    await console.see('All well: 1 entry');
    await console.close();
  });

  it('says which batch does not exist, and why that may be', async () => {
    const console = await open('/no-such-batch');
    await console.see(/no-such-batch.*(does not exist|no batch)|There is no batch/i);
    await console.close();
  });

  it.each([
    ['a workbook', 'people.xlsx', 'PK\u0003\u0004 and more', /CSV/],
    ['a file without the column of users', 'people.csv', 'name,phone\nann,1\n', /user/],
    ['an empty file', 'empty.csv', '', /empty/i],
    ['JSON that breaks off', 'people.json', '{"entries": [', /JSON/],
  ])('says what is wrong with %s', async (_what, name, content, words) => {
    const console = await open();
    await console.choose(name, content);
    await console.page.getByRole('alert').filter({ hasText: words }).waitFor();
    await console.close();
  });
});
