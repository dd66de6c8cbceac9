import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const folders = (process.env.PATH ?? '').split(delimiter);

/**
 * The path of an installed Chromium, if there is one: the one that CHROMIUM names, or the first of the usual commands.
 * Plain JavaScript, since test/bundlers runs without a compiler.
 */
export const chromium = [
  process.env.CHROMIUM,
  'chromium',
  'chromium-browser',
  'google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]
  .filter((command) => command !== undefined)
  // A path, since Playwright looks for no command.
  .map((command) => folders.map((folder) => join(folder, command)).find(existsSync) ?? command)
  .find((command) => spawnSync(command, ['--version']).status === 0);
