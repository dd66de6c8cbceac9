import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { variant } from '../../scripts/wasm-variants.mjs';
import type { Simd } from '../../src/wasm/simd';
import type { Library } from './contender';
import { fail } from './options';
import { asc, root } from './paths';

/** The built package, as users get it. */
export async function load(simd?: Simd, threads = 1): Promise<Library> {
  const file = (name: string) => import(pathToFileURL(join(root, 'dist/node', name)).href);
  const library: Library = await file('index.js');
  await initialize(library, simd);
  if (threads > 1) await (await file('threads.js')).setThreads(threads);
  return library;
}

/** An engine may not have the kernels asked for. */
export async function initialize(library: Library, simd: Simd | undefined): Promise<void> {
  await library.init({ simd }).catch((error: Error) => fail(`--simd ${simd}: ${error.message}`));
}

/** A constant of assembly/ or src/, and the values that it takes in turn. */
export interface Sweep {
  name: string;
  /** The file that declares it. */
  file: string;
  values: string[];
}

/** What `--sweep [file:]NAME=a,b` says; the file is the end of a path, without .ts. */
export function sweepOf(text: string): Sweep {
  const wrong = (why: string) => fail(`--sweep ${text}: ${why}`);
  const [, path, name, list] = /^(?:([\w/.-]+):)?(\w+)=(.+)$/.exec(text) ?? wrong('not [file:]NAME=a,b');
  const values = list!.split(',');
  for (const value of values)
    if (!Number.isFinite(Number(value || 'none'))) wrong(`${value || 'nothing'} is no number`);
  const files = ['assembly', 'src']
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)),
    )
    .map((file) => file.replaceAll('\\', '/'))
    .filter(
      (file) => file.endsWith('.ts') && (path === undefined || `/${file}`.endsWith(`/${path.replace(/\.ts$/, '')}.ts`)),
    )
    .filter((file) => declaration(name!).test(readFileSync(join(root, file), 'utf8')));
  if (files.length === 0)
    wrong(
      path === undefined ? 'no file of assembly/ or src/ declares such a number' : `${path} declares no such number`,
    );
  if (files.length > 1) {
    const short = files.map((file) => file.replace(/^\w+\/(.*)\.ts$/, `$1:${name}`));
    wrong(`say which, ${short.join(' or ')}`);
  }
  return { name: name!, file: files[0]!, values };
}

/** A constant at the top of a file, in the sources and in what is made of them. */
function declaration(name: string): RegExp {
  return new RegExp(`^((?:export )?const ${name}(?:: \\w+)? = )\\d[^;\n]*;`, 'm');
}

/**
 * The built package in which a constant has another value. It is a copy, with an engine and a memory of its own, so
 * several stand side by side in one process.
 */
export async function loadWith({ name, file }: Sweep, value: string, simd: Simd): Promise<Library> {
  const folder = join(root, 'build/bench/sweep', `${name}=${value}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  cpSync(join(root, 'dist'), join(folder, 'dist'), { recursive: true });
  const load = (): Promise<Library> => import(pathToFileURL(join(folder, 'dist/index.js')).href);
  if (file.startsWith('src/')) {
    replaceConstant(join(folder, file.replace(/^src(.*)\.ts$/, 'dist$1.js')), name, value);
    const library = await load();
    await library.init({ simd });
    return library;
  }
  cpSync(join(root, 'assembly'), join(folder, 'assembly'), { recursive: true });
  cpSync(join(root, 'asconfig.json'), join(folder, 'asconfig.json'));
  replaceConstant(join(folder, file), name, value);
  const { status, stderr } = spawnSync(process.execPath, [asc, '--config', 'asconfig.json', '--target', 'release'], {
    cwd: folder,
    stdio: ['ignore', 'inherit', 'pipe'],
    encoding: 'utf8',
  });
  process.stderr.write(stderr.replace(/.*Last converge was suboptimal\..*\n/, '')); // as scripts/build-wasm.mjs
  if (status !== 0) fail(`--sweep ${name}=${value}: does not compile, see above`);
  const library = await load();
  const [module, wat] = ['kernels.template.wasm', 'kernels.wat'].map((name) =>
    readFileSync(join(folder, 'build', name)),
  );
  await library.init({ source: variant(module!, wat!.toString(), simd) });
  return library;
}

function replaceConstant(path: string, name: string, value: string): void {
  const text = readFileSync(path, 'utf8');
  if (!declaration(name).test(text)) throw new Error(`${path} does not declare ${name}`);
  writeFileSync(path, text.replace(declaration(name), `$1${value};`));
}
