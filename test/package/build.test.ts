import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from './project';

function hashes(directory: string): Record<string, string> {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((file) => join(file.parentPath, file.name)).sort();
  return Object.fromEntries(
    paths.map((path) => [path.slice(directory.length), createHash('sha256').update(readFileSync(path)).digest('hex')]),
  );
}

test('a build of the sources alone, elsewhere, gives the same bytes', () => {
  const copy = mkdtempSync(join(tmpdir(), 'simdgrad-build-'));
  try {
    for (const name of ['package.json', 'asconfig.json', 'tsconfig.json', 'assembly', 'scripts', 'src']) {
      cpSync(join(root, name), join(copy, name), { recursive: true, filter: (path) => !path.endsWith('/generated') });
    }
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
    execFileSync(process.execPath, ['scripts/build.mjs'], { cwd: copy, stdio: 'pipe' });
    expect(hashes(join(copy, 'dist'))).toEqual(hashes(join(root, 'dist')));
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
});
