// Packs dist/ as npm would and lets the package linters judge the tarball.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(fileURLToPath(import.meta.url), '../..');
const scratch = mkdtempSync(join(tmpdir(), 'simdgrad-package-'));
try {
  const output = execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', scratch], {
    cwd: root,
    encoding: 'utf8',
  });
  const [{ filename, files, size }] = JSON.parse(output);
  const tarball = join(scratch, filename);
  console.log(`${filename}: ${files.length} files, ${size} bytes`);
  run('publint', 'run', tarball, '--strict');
  const untyped = ['./kernels.wasm', './kernels.relaxed.wasm', './worker.js'];
  run('attw', tarball, '--profile', 'esm-only', '--exclude-entrypoints', ...untyped);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

/** @param {string} tool @param {string[]} args */
function run(tool, ...args) {
  try {
    execFileSync(join(root, 'node_modules/.bin', tool), args, { cwd: root, stdio: 'inherit' });
  } catch {
    process.exitCode = 1;
  }
}
