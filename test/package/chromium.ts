import { spawnSync } from 'node:child_process';

/** The command of an installed Chromium, if there is one. */
export const chromium = ['chromium', 'chromium-browser', 'google-chrome'].find(
  (command) => spawnSync(command, ['--version']).status === 0,
);
