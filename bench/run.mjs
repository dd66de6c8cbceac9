// Bundles a program of this folder and runs it: node bench/run.mjs main|guard|peers|threads|odd|browser [arguments].
// The package itself is not in the bundle: it is loaded from dist/, as users get it, and built first where it is stale.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = resolve(fileURLToPath(import.meta.url), '../..');
const [program, ...args] = process.argv.slice(2);
if (!['main', 'guard', 'peers', 'threads', 'odd', 'browser'].includes(program)) {
  console.error('node bench/run.mjs main|guard|peers|threads|odd|browser [arguments]');
  process.exit(2);
}
process.chdir(root);

/** What a build writes last: one that failed half-way does not count. */
const LAST = 'dist/simdgrad.threads.min.js';
if (newest('src', 'assembly', 'scripts', 'asconfig.json', 'package.json') > newest(LAST)) {
  const { status } = spawnSync('npm', ['run', 'build', '--silent'], {
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (status !== 0) process.exit(status ?? 1);
}

const outfile = join(root, `build/bench/${program}.mjs`);
await build({
  entryPoints: [`bench/${program}.ts`],
  bundle: true,
  platform: 'node',
  format: 'esm',
  packages: 'external',
  outfile,
  logLevel: 'warning',
});
process.argv.splice(1, process.argv.length - 1, outfile, ...args);
await import(pathToFileURL(outfile).href);

/** When the newest of these files was changed; 0 where there is none. @param {string[]} paths @returns {number} */
function newest(...paths) {
  let time = 0;
  for (const path of paths) {
    if (!existsSync(path)) continue;
    const stats = statSync(path);
    if (!stats.isDirectory()) time = Math.max(time, stats.mtimeMs);
    else if (!path.includes('generated'))
      time = Math.max(time, newest(...readdirSync(path).map((name) => join(path, name))));
  }
  return time;
}
