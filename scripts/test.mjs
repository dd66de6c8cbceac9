// The tests: what needs no build, then what needs the packed package, then the first again on a Node whose V8
// is different in the one way that matters here, relaxed SIMD (Node 20 has none, Node 22 and later have).
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(fileURLToPath(import.meta.url), '../..');
const vitest = 'node_modules/vitest/vitest.mjs';
const filters = process.argv.slice(2);
const here = Number(process.versions.node.split('.')[0]);
const other = here < 22 ? 24 : 20;
/** @type {string[]} */
const outcome = [];

record(`unit tests on Node ${here}`, run(process.execPath, [vitest, 'run', '--project', 'unit', ...filters]));
if (filters.length === 0) {
  record(`package tests on Node ${here}`, run(process.execPath, [vitest, 'run', '--project', 'package']));
}
const npx = ['-y', `node@${other}`];
if (run('npx', [...npx, '--version'], 'ignore')) {
  record(`unit tests on Node ${other}`, run('npx', [...npx, vitest, 'run', '--project', 'unit', ...filters]));
} else {
  outcome.push(`NOT RUN  unit tests on Node ${other}: npx could not get node@${other} (no network?)`);
}
console.log(outcome.join('\n'));

/** @param {string} command @param {string[]} args @param {'inherit' | 'ignore'} stdio */
function run(command, args, stdio = 'inherit') {
  // On Windows, npx is a script of the shell.
  const shell = command === 'npx' && process.platform === 'win32';
  return spawnSync(command, args, { cwd: root, stdio, shell }).status === 0;
}

/** @param {string} name @param {boolean} passed */
function record(name, passed) {
  outcome.push(`${passed ? 'passed   ' : 'FAILED   '}${name}`);
  if (!passed) process.exitCode = 1;
}
