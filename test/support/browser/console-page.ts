import axe from 'axe-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { expect } from 'vitest';

/** How long an element may take to appear on a loaded machine, before that counts as never. */
const patienceMs = 90_000;

/** A page of the console in a window of its own, with every error that the browser reported for it. */
export class ConsolePage {
  readonly page: Page;
  readonly #errors: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    page.on('pageerror', (error) => this.#errors.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') this.#errors.push(message.text());
    });
  }

  static async open(
    browser: Browser,
    url: string,
    options: BrowserContextOptions = {},
  ): Promise<ConsolePage> {
    const context = await browser.newContext({ locale: 'en-GB', timezoneId: 'UTC', ...options });
    context.setDefaultTimeout(patienceMs);
    const opened = new ConsolePage(await context.newPage());
    await opened.page.goto(url);
    return opened;
  }

  /** What the browser reported so far: exceptions, and what the policy of the page kept it from. */
  get errors(): readonly string[] {
    return this.#errors;
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }

  /** Chooses a file as a person does. */
  async choose(name: string, content: string | Buffer): Promise<void> {
    await this.page.setInputFiles('input[type=file]', {
      name,
      mimeType: 'text/csv',
      buffer: Buffer.from(content),
    });
  }

  async click(role: 'button' | 'link', name: string | RegExp): Promise<void> {
    await this.page.getByRole(role, { name }).click();
  }

  /** Waits for a text on the page, apart from what screen readers alone are told. Where it does not come, the error has what the page shows instead. */
  async see(text: string | RegExp): Promise<void> {
    const wanted = this.page.locator('header, main').getByText(text).filter({ visible: true }).first();
    await wanted.waitFor().catch(async (error: unknown) => {
      const shown = (await this.page.getByRole('main').textContent()) ?? '';
      const message = `The page does not show ${text}, but: ${shown.slice(0, 3_000)}\n${this.#errors.join('\n')}`;
      throw new Error(message, { cause: error });
    });
  }

  /** Saves the file that a button offers, and returns its text. */
  async download(button: string | RegExp): Promise<string> {
    const offered = this.page.waitForEvent('download');
    await this.click('button', button);
    const stream = await (await offered).createReadStream();
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(Buffer.from(chunk));
    return Buffer.concat(chunks).toString('utf8');
  }

  /** Expects that axe finds no violation. */
  async expectAccessible(): Promise<void> {
    await this.page.evaluate(axe.source);
    const violations = await this.page.evaluate(async () => {
      const results = await (globalThis as unknown as { axe: typeof axe }).axe.run(document);
      return results.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
    });
    expect(violations).toEqual([]);
  }
}
