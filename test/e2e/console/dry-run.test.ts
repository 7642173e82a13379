import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium, openChromium } from '../../support/browser/chromium.ts';
import { ConsolePage } from '../../support/browser/console-page.ts';
import { localUser, System } from '../../support/e2e/system.ts';

const chromium = findChromium();
const ann = localUser('ann@tried.example');
const ben = localUser('ben@tried.example');

let system: System;
let browser: Browser;

describe.skipIf(chromium === undefined)('a dry run in the console', () => {
  beforeAll(async () => {
    system = await System.start([ann, ben]);
    browser = await openChromium(chromium ?? '');
  });

  afterAll(async () => {
    await browser?.close();
    await system?.stop();
  });

  const open = (path = '') => ConsolePage.open(browser, `${system.functions.url}/api/console${path}`);
  const ringOf = ({ sip }: { sip: string }) => system.services.ucwa.state(sip).activeSetting;

  it('leads on to sending the file that was tried, without choosing it again', async () => {
    const console = await open();
    await console.page.getByLabel('Name of the batch').fill('-wrong');
    await console.choose('try.csv', 'user,target\nann@tried.example,+14255550123\nben@tried.example,12\n');
    await console.see('1 of 2 entries is wrong');
    await console.see('This name is not allowed.');
    expect(await console.page.getByRole('button', { name: /Send the one right/ }).isEnabled()).toBe(false);
    await console.page.getByLabel('Name of the batch').fill('tried');
    await console.click('button', /^Dry run/);
    await console.see('This was a dry run: nothing was changed.');
    await console.see(/Finished: 2 of 2 entries ended/);
    await console.see('target 12');
    await console.click('button', 'Show those that would change');
    expect(ringOf(ann)).toBe('None');
    await console.click('button', 'Send it now');
    await console.page.waitForURL(/\/api\/console\/tried$/);
    await console.see(/Finished: 2 of 2 entries ended/);
    expect(ringOf(ann)).toBe('SimultaneousRing');
    expect(console.errors).toEqual([]);
    await console.close();
  });

  it('has a report that opens as a table where numbers have a comma', async () => {
    const entries = [{ user: 'ann@tried.example', ring: 'team', ref: 'a;b,"c"' }];
    const sent = await system.call('POST', '/api/bulk?batch=komma&dryRun=true', { entries });
    expect(sent.status).toBe(202);
    const url = `${system.functions.url}/api/console/dry-komma`;
    const console = await ConsolePage.open(browser, url, { locale: 'de-DE' });
    await console.see(/Finished: 1 of 1 entry ended/);
    const report = await console.download('Download the report as CSV');
    expect(report).toMatch(/^\uFEFFuser;ring;target;/);
    expect(report).toContain('ann@tried.example;team;');
    expect(report).toContain(';"a;b,""c""";');
    await console.close();
  });

  it('of what stands shows who has it no longer', async () => {
    for (const user of ['ann@tried.example', 'ben@tried.example']) {
      const set = await system.call('PUT', `/api/users/${user}/simultaneous-ring`, { ring: 'team' });
      expect(set.status).toBe(200);
    }
    system.choose('ann@tried.example', { activeSetting: 'None' });
    const console = await open('#users');
    await console.click('button', /^Check that every setting/);
    await console.see('one that would change is of a user who has it no longer');
    await console.see(/Finished: \d+ of \d+ entr/);
    await console.click('button', 'Show who has it no longer');
    await console.page.getByRole('row').nth(2).waitFor({ state: 'detached' });
    await console.see('ann@tried.example');
    await console.close();
  });
});
