import { createRequire } from 'node:module';
import { join } from 'node:path';
import { chromium } from '../../support/chromium.mjs';
import { NotRun } from './outcome.mjs';

let driver;
let browser;

/** @param {import('./workspace.mjs').Workspace} workspace where the driver is installed */
export function takeDriver(workspace) {
  driver = createRequire(join(workspace.tools, 'package.json'))('playwright-core');
}

/**
 * Opens a page in headless Chromium and waits for what its program sets as `globalThis.outcome`.
 * @param {string} url
 * @throws with the page's errors when there are any before that
 */
export async function open(url) {
  if (chromium === undefined) throw new NotRun('no Chromium on this machine');
  browser ??= await driver.chromium.launch({ executablePath: chromium, args: ['--no-sandbox'] });
  const page = await browser.newPage();
  const errors = [];
  const failed = new Promise((_, reject) => {
    page.on('pageerror', (error) => reject(new Error([error.message, ...errors].join('\n'))));
  });
  failed.catch(() => undefined);
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  try {
    await page.goto(url);
    const outcome = await Promise.race([
      page
        .waitForFunction(() => globalThis.outcome, undefined, { timeout: 60_000 })
        .catch((error) => {
          throw new Error([error.message, ...errors].join('\n'));
        }),
      failed,
    ]);
    return await outcome.jsonValue();
  } finally {
    await page.close();
  }
}

export async function closeBrowser() {
  await browser?.close();
}
