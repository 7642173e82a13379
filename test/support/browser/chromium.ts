import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const usualPaths = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

const absent =
  'No Chromium was found, so the tests of the console in a browser are skipped. Install one (Debian: apt-get install chromium), or name it in CHROMIUM_PATH.';

/**
 * Returns the path of this machine's Chromium: the one in CHROMIUM_PATH, else one at a usual place. Without one it says so
 * and returns undefined, or throws where CHROMIUM_REQUIRED is 1.
 */
export function findChromium(environment: NodeJS.ProcessEnv = process.env): string | undefined {
  const named = environment['CHROMIUM_PATH'];
  const path = named ?? usualPaths.find((one) => existsSync(one));
  if (path !== undefined) return path;
  if (environment['CHROMIUM_REQUIRED'] === '1') throw new Error(absent);
  console.warn(absent);
  return undefined;
}

/** Starts Chromium without a window. Close it afterwards. */
export async function openChromium(path: string): Promise<Browser> {
  // Chromium's sandbox does not work as root, as in containers. The pages here are our own.
  return await chromium.launch({ executablePath: path, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
}
