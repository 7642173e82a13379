import { findChromium, openChromium } from './chromium.ts';

/** The polls that are counted. The page asks every two seconds while a batch runs. */
const polls = 10;
const pollMs = 2_000;

/**
 * Opens the page of a batch in a browser, and prints as JSON what it took: `node measure-console.ts URL BATCH`. Needs a Chromium.
 */
async function measure([url = '', batch = '']: readonly string[]): Promise<void> {
  const browser = await openChromium(findChromium({ ...process.env, CHROMIUM_REQUIRED: '1' }) ?? '');
  try {
    const page = await browser.newPage();
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    const startMs = performance.now();
    await page.goto(`${url}/api/console/${batch}`);
    await page.getByRole('row').nth(1).waitFor();
    const firstRowsMs = performance.now() - startMs;
    const rows = await page.getByRole('row').count();
    const isPoll = (path: string) => path.startsWith('/api/bulk');
    const before = asked.filter(isPoll).length;
    for (let seen = 0; seen < polls; seen++) {
      await page.waitForResponse((response) => isPoll(new URL(response.url()).pathname), {
        timeout: 10 * pollMs,
      });
    }
    const requests = asked.filter(isPoll).length - before;
    console.log(JSON.stringify({ firstRowsMs, rows, polls, requests }));
  } finally {
    await browser.close();
  }
}

await measure(process.argv.slice(2));
