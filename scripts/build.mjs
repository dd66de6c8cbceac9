// Makes dist/, all code of the tarball: modules as plain tsc output, which bundlers can tree-shake; the same in three files
// for Node, which opens and links each file for itself; the kernels and the worker as files; one module for workerd; and
// self-contained modules for script tags, without threads and with them. The same bytes from every run.
import { execFileSync } from 'node:child_process';
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';

const root = resolve(fileURLToPath(import.meta.url), '../..');
const dist = join(root, 'dist');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
/** A module that is nowhere but in this file. */
const ALL = '\0all';
/**
 * Exchanges src/wasm/modules.ts, and leaves the imports of the kernels, and of packages, to the host.
 * @type {import('rolldown').Plugin}
 */
const kernelsFromFiles = {
  name: 'modules from files',
  resolveId(id) {
    if (id.endsWith('/modules.js')) return join(root, 'src/wasm/modules.workerd.ts');
    if (id.endsWith('.wasm')) return { id: `./${basename(id)}`, external: true };
    return id.startsWith('@') ? { id, external: true } : null;
  },
};
/**
 * The loader assigns to `Object` on import, if only what is there: an error where intrinsics are frozen (`--frozen-intrinsics`, SES).
 * @type {import('rolldown').Plugin}
 */
const assignsNothing = {
  name: 'no assignment to Object',
  transform: (code) => code.replace('Object.hasOwn = Object.hasOwn ||', 'Object.hasOwn ||='),
};
/** @param {string[]} args */
const node = (...args) => execFileSync(process.execPath, args, { cwd: root, stdio: 'inherit' });

rmSync(dist, { recursive: true, force: true });
node('scripts/build-wasm.mjs');
node('node_modules/typescript/bin/tsc', '-p', 'tsconfig.json');
copyFileSync(join(root, 'build/kernels.baseline.wasm'), join(dist, 'kernels.wasm'));
copyFileSync(join(root, 'build/kernels.relaxed.wasm'), join(dist, 'kernels.relaxed.wasm'));
const { source } = await import(pathToFileURL(join(dist, 'threads/generated/worker_web.js')).href);
writeFileSync(join(dist, 'worker.js'), `${source}\n`);
await pack('src/index.ts', 'neutral', { file: 'dist/index.workerd.js' }, [kernelsFromFiles]);
await pack({ index: 'dist/index.js', threads: 'dist/threads/index.js' }, 'node', {
  dir: 'dist/node',
  chunkFileNames: 'shared.js', // both entries have one state
});
for (const { name, entries } of [
  { name: 'simdgrad.min.js', entries: ['index.js'] },
  { name: 'simdgrad.threads.min.js', entries: ['index.js', 'threads/index.js'] },
]) {
  const code = entries.map((entry) => `export * from ${JSON.stringify(join(dist, entry))};`).join('\n');
  /** @type {import('rolldown').Plugin} */
  const all = { name: 'all', resolveId: (id) => (id === ALL ? ALL : null), load: (id) => (id === ALL ? code : null) };
  await pack(ALL, 'browser', { file: `dist/${name}`, minify: true }, [all]);
}

/**
 * Modules in one file, or few. Not by esbuild, which makes `_Tensor` of a class, as error messages and consoles then say,
 * and `var` of `const`; what it minifies is 2 % larger, too.
 * @param {import('rolldown').InputOption} input
 * @param {'browser' | 'node' | 'neutral'} platform
 * @param {import('rolldown').OutputOptions} output
 * @param {import('rolldown').Plugin[]} plugins
 */
async function pack(input, platform, output, plugins = []) {
  const bundle = await rolldown({
    cwd: root,
    input,
    platform,
    plugins: [assignsNothing, ...plugins],
    resolve: { symlinks: false }, // comments name each module's path, which must not tell where the build ran
    transform: { target: 'es2022' },
  });
  await bundle.write({ ...output, postBanner, comments: false });
  await bundle.close();
}

/** Which licences the code of a file is under. @param {import('rolldown').RenderedChunk} chunk */
function postBanner({ moduleIds }) {
  const loader = moduleIds.some((id) => /@assemblyscript.loader/.test(id));
  return `/*! simdgrad ${version}, MIT${loader ? '; contains @assemblyscript/loader, Apache-2.0' : ''} */`;
}
