// Makes dist/, all that the tarball holds: modules as plain tsc output, which bundlers take apart; the same in three files
// for Node, which opens and links each file for itself; the kernels and the worker as files; one module for workerd; and
// self-contained modules for script tags, without threads and with them. The same bytes from every run.
import { execFileSync } from 'node:child_process';
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { rolldown } from 'rolldown';

const root = resolve(fileURLToPath(import.meta.url), '../..');
const dist = join(root, 'dist');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const node = (...args) => execFileSync(process.execPath, args, { cwd: root, stdio: 'inherit' });

rmSync(dist, { recursive: true, force: true });
node('scripts/build-wasm.mjs');
node('node_modules/typescript/bin/tsc', '-p', 'tsconfig.json');
copyFileSync(join(root, 'build/kernels.baseline.wasm'), join(dist, 'kernels.wasm'));
copyFileSync(join(root, 'build/kernels.relaxed.wasm'), join(dist, 'kernels.relaxed.wasm'));
const { source } = await import(pathToFileURL(join(dist, 'threads/generated/worker_web.js')).href);
writeFileSync(join(dist, 'worker.js'), `${source}\n`);
await build({
  absWorkingDir: root,
  entryPoints: ['src/index.ts'],
  outfile: 'dist/index.workerd.js',
  bundle: true,
  packages: 'external',
  format: 'esm',
  target: 'es2022',
  plugins: [{ name: 'modules from files', setup: importKernels }],
});
const banner = { js: `/*! simdgrad ${version}, MIT; contains @assemblyscript/loader, Apache-2.0 */` };
// Rolldown, since esbuild makes `_Tensor` of a class, which error messages and consoles show, and `var` of `const`.
const nodes = await rolldown({
  cwd: root,
  input: { index: 'dist/index.js', threads: 'dist/threads/index.js' }, // both entries have one state
  platform: 'node',
  resolve: { symlinks: false }, // comments name each module's path, which must not tell where the build ran
});
await nodes.write({
  dir: 'dist/node',
  chunkFileNames: 'shared.js',
  banner: banner.js,
  comments: false,
});
await nodes.close();
for (const [name, entries] of [
  ['simdgrad.min.js', ['./index.js']],
  ['simdgrad.threads.min.js', ['./index.js', './threads/index.js']],
]) {
  const contents = entries.map((entry) => `export * from '${entry}';`).join('\n');
  await build({
    absWorkingDir: root,
    stdin: { contents, resolveDir: dist },
    outfile: `dist/${name}`,
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    charset: 'ascii',
    legalComments: 'none',
    banner,
  });
}

/** Exchanges src/wasm/modules.ts, and leaves the imports of the kernels to the host. */
function importKernels({ onResolve }) {
  onResolve({ filter: /\/modules\.js$/ }, () => ({ path: join(root, 'src/wasm/modules.workerd.ts') }));
  onResolve({ filter: /\.wasm$/ }, ({ path }) => ({ path: `./${basename(path)}`, external: true }));
}
