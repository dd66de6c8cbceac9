import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Library } from './contender';
import { fail } from './options';
import { asc, root } from './paths';

/** The built package, as users get it. */
export async function load(simd?: 'baseline' | 'relaxed'): Promise<Library> {
  const library: Library = await import(pathToFileURL(join(root, 'dist/index.js')).href);
  await initialize(library, simd);
  return library;
}

/** An engine may not have the kernels asked for. */
export async function initialize(library: Library, simd: 'baseline' | 'relaxed' | undefined): Promise<void> {
  await library.init({ simd }).catch((error: Error) => fail(`--simd ${simd}: ${error.message}`));
}

/**
 * The built package with kernels in which a constant has another value. It is a copy, with an engine and a memory of
 * its own, so several stand side by side in one process.
 */
export async function loadWith(constant: string, value: string, simd: 'baseline' | 'relaxed'): Promise<Library> {
  const folder = join(root, 'build/bench/sweep', `${constant}=${value}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  cpSync(join(root, 'assembly'), join(folder, 'assembly'), { recursive: true });
  cpSync(join(root, 'asconfig.json'), join(folder, 'asconfig.json'));
  cpSync(join(root, 'dist'), join(folder, 'dist'), { recursive: true });
  replaceConstant(join(folder, 'assembly'), constant, value);
  execFileSync(process.execPath, [asc, '--config', 'asconfig.json', '--target', simd], {
    cwd: folder,
    stdio: 'inherit',
  });
  const library: Library = await import(pathToFileURL(join(folder, 'dist/index.js')).href);
  await library.init({ source: readFileSync(join(folder, `build/kernels.${simd}.wasm`)) });
  return library;
}

function replaceConstant(folder: string, constant: string, value: string): void {
  const declaration = new RegExp(`^((?:export )?const ${constant}(?:: \\w+)? = )[^;]+;`, 'm');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file));
  const declaring = files.filter((file) => file.endsWith('.ts') && declaration.test(readFileSync(file, 'utf8')));
  if (declaring.length !== 1) {
    throw new Error(`--sweep ${constant}: expected one file of assembly/ to declare it, found ${declaring.length}`);
  }
  const text = readFileSync(declaring[0]!, 'utf8');
  writeFileSync(declaring[0]!, text.replace(declaration, `$1${value};`));
}
