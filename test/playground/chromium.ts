import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

const PLACES = [
  process.env.CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  chromium.executablePath(),
];

/** Where this machine has a Chromium, if it has one. */
export const executable = PLACES.find((path) => path !== undefined && existsSync(path));

export function launch() {
  return chromium.launch({
    executablePath: executable!,
    // As root, as in many containers, it does not start with its sandbox.
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
}
