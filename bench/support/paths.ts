import { existsSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** The project. npm starts scripts there; the bundled bench lies elsewhere than its sources. */
export const root = process.cwd();

/** The AssemblyScript compiler. */
export const asc = join(
  dirname(createRequire(join(root, 'package.json')).resolve('assemblyscript/package.json')),
  'bin/asc.js',
);

/** Whether `source` changed since `output` was made of it. */
export function isNewer(source: string, output: string): boolean {
  return !existsSync(output) || statSync(source).mtimeMs > statSync(output).mtimeMs;
}
