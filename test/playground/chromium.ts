import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { chromium as installed } from '../support/chromium.mjs';

/** Where this machine has a Chromium, if it has one: an installed one, or Playwright's own. */
export const executable = installed ?? [chromium.executablePath()].find(existsSync);

export function launch() {
  return chromium.launch({
    executablePath: executable!,
    // As root, as in many containers, it does not start with its sandbox.
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
}
