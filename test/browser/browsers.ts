import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium as chromiumCommand } from '../support/chromium.mjs';

/** An installed browser, without a window. */
export interface Browser {
  name: 'Chromium' | 'Firefox';
  command: string;
  /** The arguments that open `url` with `profile`, an empty directory. */
  open(url: string, profile: string): string[];
}

const firefoxCommand = [process.env.FIREFOX, 'firefox-esr', 'firefox'].find(
  (command) => command !== undefined && spawnSync(command, ['--version']).status === 0,
);

export const chromium: Browser | undefined =
  chromiumCommand === undefined
    ? undefined
    : {
        name: 'Chromium',
        command: chromiumCommand,
        open: (url, profile) => [
          ...['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
          `--user-data-dir=${profile}`,
          url,
        ],
      };

/** Long scripts are stopped, timers of hidden pages are slowed down, and pages of its own are shown, unless told otherwise. */
const FIREFOX_PREFERENCES = {
  'dom.max_script_run_time': 0,
  'dom.timeout.enable_budget_timer_throttling': false,
  'browser.shell.checkDefaultBrowser': false,
  'browser.aboutwelcome.enabled': false,
  'datareporting.policy.dataSubmissionEnabled': false,
};

export const firefox: Browser | undefined =
  firefoxCommand === undefined
    ? undefined
    : {
        name: 'Firefox',
        command: firefoxCommand,
        open(url, profile) {
          const lines = Object.entries(FIREFOX_PREFERENCES).map(
            ([name, value]) => `user_pref(${JSON.stringify(name)}, ${value});\n`,
          );
          mkdirSync(profile, { recursive: true });
          writeFileSync(join(profile, 'user.js'), lines.join(''));
          return ['--headless', '--no-remote', '--profile', profile, url];
        },
      };
