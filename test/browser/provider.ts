import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineBrowserProvider } from '@vitest/browser';
import type { Browser } from './browsers.ts';
import { ended } from './page.ts';

/**
 * For Vitest: opens its page in an installed browser as a user would, which is all that tests without clicks need.
 * Playwright drives only a Firefox of its own, which it downloads.
 */
export function launching(browser: Browser | undefined) {
  const name = browser?.name.toLowerCase() ?? 'browser';
  return defineBrowserProvider({
    name,
    providerFactory() {
      const opened: { child: ChildProcess; profile: string }[] = [];
      return {
        name,
        supportsParallelism: false,
        getCommandsContext: () => ({}),
        async openPage(_session, url) {
          const profile = mkdtempSync(join(tmpdir(), 'simdgrad-browser-'));
          const child = spawn(browser!.command, browser!.open(url, profile), { stdio: 'ignore', detached: true });
          opened.push({ child, profile });
        },
        async close() {
          for (const { child, profile } of opened) {
            await ended(child);
            rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
          }
        },
      };
    },
  });
}
