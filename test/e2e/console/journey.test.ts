import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium, openChromium } from '../../support/browser/chromium.ts';
import { ConsolePage } from '../../support/browser/console-page.ts';
import { localUser, System } from '../../support/e2e/system.ts';

const chromium = findChromium();
const names = ['ann', 'ben', 'cora', 'dan', 'eve'];
const addresses = names.map((name) => `${name}@console.example`);

let system: System;
let browser: Browser;

describe.skipIf(chromium === undefined)('the console in a browser', () => {
  beforeAll(async () => {
    const users = addresses.map((address) =>
      localUser(address, address.startsWith('eve') ? { secret: false } : {}),
    );
    system = await System.start(users);
    browser = await openChromium(chromium ?? '');
  });

  afterAll(async () => {
    await browser?.close();
    await system?.stop();
  });

  const open = (path = '') => ConsolePage.open(browser, `${system.functions.url}/api/console${path}`);
  const ringOf = (address: string) => system.services.ucwa.state(`sip:${address}`).activeSetting;

  it('takes a file from its mistakes to the report and to the undo', async () => {
    const console = await open();
    await console.see('There is no batch yet');

    await console.choose(
      'people.csv',
      `user;target\n${addresses[0]};+14255550123\n${addresses[1]};12\nnobody;+14255550124\n`,
    );
    await console.see('2 of 3 entries are wrong');
    const wrong = await console.page.getByRole('table').textContent();
    expect(wrong).toMatch(/3target\s*The target does not say its country/);
    expect(wrong).toMatch(/4user/);
    expect(ringOf('ann@console.example')).toBe('None');

    const rows = addresses.map((address, nth) => `${address};+1425555012${nth};E${nth}`);
    await console.choose('people.csv', `user;target;ref\n${rows.join('\n')}\n`);
    await console.see('All well: 5 entries');
    await console.page.getByLabel('Name of the batch').fill('office-move');
    await console.click('button', 'Send 5 entries');

    await console.see('Batch office-move');
    await console.see(/Finished: 5 of 5 entries ended/);
    expect(console.page.url()).toMatch(/\/api\/console\/office-move$/);
    await console.click('button', /^failed 1$/);
    await console.see('credential-missing');
    expect(await console.page.getByRole('row').count()).toBe(2);

    const failed = await console.download('Download these rows as CSV');
    expect(failed).toMatch(/^\uFEFF?user,/);
    expect(failed).toContain('eve@console.example');
    expect(failed).not.toContain('ann@console.example');
    await console.click('button', /^all 5$/);
    await console.page.getByLabel('User begins with').fill('cor');
    await console.page.getByRole('row').nth(2).waitFor({ state: 'detached' });
    await console.see('cora@console.example');

    await console.click('button', 'Preview an undo');
    await console.see('This is a preview');
    await console.see(/Finished: 4 of 4 entries ended/);
    expect(await console.page.getByRole('cell', { name: /would change$/ }).count()).toBe(4);
    expect(ringOf('ann@console.example')).toBe('SimultaneousRing');
    await console.click('button', 'Undo office-move now');
    await console.page.waitForURL(/\/undo-[a-z0-9]{26}$/);
    await console.see(/Finished: 4 of 4 entries ended/);
    expect(names.map((name) => ringOf(`${name}@console.example`))).toEqual(Array(5).fill('None'));
    expect(console.errors).toEqual([]);
    await console.close();
    await system.expectAgreement();
  });

  it('shows, sets and turns off one user', async () => {
    const console = await open('#users');
    await console.see('cora@console.example');
    await console.click('link', 'cora@console.example');
    await console.see('it is off');
    await console.page.getByLabel('Number or SIP address').fill('12');
    await console.click('button', 'Set');
    await console.see('The target does not say its country');
    await console.page.getByLabel('Number or SIP address').fill('+44 20 7946 0018');
    await console.click('button', 'Dry run');
    await console.see('A dry run: this would change the setting.');
    expect(ringOf('cora@console.example')).toBe('None');
    await console.click('button', 'Set');
    await console.see('Done, and read back.');
    await console.see('contact tel:+442079460018');
    expect(ringOf('cora@console.example')).toBe('SimultaneousRing');

    await console.click('link', 'Users');
    await console.page.getByRole('combobox', { name: /^Ring/ }).selectOption('contact');
    await console.see('contact tel:+442079460018');
    await console.click('button', 'Check that every setting still stands');
    await console.see(/Batch check-/);
    await console.see(/Finished: 1 of 1 entry ended/);
    await console.see('would change nothing');

    await console.page.goBack();
    await console.click('link', 'cora@console.example');
    await console.click('button', 'Turn off');
    await console.see('Done, and read back.');
    expect(ringOf('cora@console.example')).toBe('None');
    expect(console.errors.filter((error) => !error.includes('400'))).toEqual([]);
    await console.close();
  });

  it('can be used by keyboard alone', async () => {
    const console = await open();
    const { page } = console;
    await console.see('Send a file');
    const press = async (name: string | RegExp, role: 'button' | 'link' | 'textbox' = 'button') => {
      const wanted = page.getByRole(role, { name, exact: typeof name === 'string' });
      await wanted.waitFor();
      for (let tabs = 0; tabs < 60; tabs++) {
        if (await wanted.evaluate((element) => element === document.activeElement)) return;
        await page.keyboard.press('Tab');
      }
      throw new Error(`The keyboard does not reach ${name}.`);
    };
    await press(/CSV or JSON file/);
    // The dialog in which a person then picks the file is the browser's own.
    await console.choose('people.csv', `user,target\n${addresses[3]},+14255550177\n`);
    await press('Send 1 entry');
    await page.keyboard.press('Enter');
    await console.see(/Finished: 1 of 1 entry ended/);
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('main');
    await press('Undo…');
    await page.keyboard.press('Enter');
    await console.see('Undo the batch?');
    await page.keyboard.press('Escape');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Undo…');
    await page.keyboard.press('Enter');
    await press('Undo', 'button');
    await page.keyboard.press('Enter');
    await console.see(/Batch undo-/);
    await console.see(/Finished: 1 of 1 entry ended/);
    expect(ringOf('dan@console.example')).toBe('None');
    await console.close();
  });

  it.runIf(process.env['UPDATE_SCREENSHOTS'] === '1')('is shown in the pictures of the README', async () => {
    const pictures = fileURLToPath(new URL('../../../.screenshots/', import.meta.url));
    const console = await open();
    const { page } = console;
    await page.setViewportSize({ width: 1000, height: 640 });
    await console.choose(
      'office-move.csv',
      `user;target;ref\n${addresses[1]};+14255550111;E1\n${addresses[2]};12;E2\n`,
    );
    await console.see('1 of 2 entries is wrong');
    await page.screenshot({ path: `${pictures}preview.png` });
    await page.goto(`${system.functions.url}/api/console/office-move`);
    await console.see(/Finished/);
    await page.screenshot({ path: `${pictures}batch.png` });
    await page.goto(`${system.functions.url}/api/console#users`);
    await page.reload();
    await page.getByRole('table').waitFor();
    await page.screenshot({ path: `${pictures}users.png` });
    await page.setViewportSize({ width: 360, height: 640 });
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.goto(`${system.functions.url}/api/console`);
    await page.getByRole('table').waitFor();
    await page.screenshot({ path: `${pictures}narrow-dark.png` });
    await console.close();
  });

  it('cancels a batch, and says so', async () => {
    system.services.ucwa.setLatency(300);
    const console = await open();
    const rows = Array.from({ length: 100 }, (_, nth) => `${addresses[0]},+14255550${100 + nth}`);
    await console.choose('many.csv', `user,target\n${rows.join('\n')}\n`);
    await console.click('button', 'Send 100 entries');
    await console.click('button', 'Cancel the batch…');
    await console.page.getByRole('dialog').getByRole('button', { name: 'Cancel the batch' }).click();
    await console.see('Cancelled.');
    await console.see(/Finished: 100 of 100 entries ended/);
    system.services.ucwa.setLatency(0);
    await console.close();
  });
});
