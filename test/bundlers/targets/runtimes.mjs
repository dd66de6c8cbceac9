import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { nodeCommand } from '../lib/node.mjs';
import { NotRun } from '../lib/outcome.mjs';
import { run } from '../lib/run.mjs';

const MAIN = `import { train } from './train.js';\nconsole.log(JSON.stringify(train()));\n`;

/** The binary that an npm package has in a package for each platform, under this scope. */
function binary(workspace, scope, path) {
  const directory = join(workspace.tools, 'node_modules', scope);
  const found = existsSync(directory) ? readdirSync(directory).map((name) => join(directory, name, path)) : [];
  const file = found.find((name) => existsSync(name));
  if (file === undefined) throw new NotRun(`npm installed no binary of ${scope} for this platform`);
  return file;
}

/** @type {import('../lib/outcome.mjs').Target[]} */
export const targets = [
  {
    name: 'Deno',
    async run(workspace) {
      const cwd = workspace.project('deno', { 'main.js': MAIN });
      const deno = binary(workspace, '@deno', 'deno');
      return {
        training: JSON.parse(await run(deno, ['run', '--allow-read', '--node-modules-dir=manual', 'main.js'], { cwd })),
      };
    },
  },
  {
    name: 'Bun',
    async run(workspace) {
      const cwd = workspace.project('bun', { 'main.js': MAIN });
      return { training: JSON.parse(await run(binary(workspace, '@oven', 'bin/bun'), ['run', 'main.js'], { cwd })) };
    },
  },
  {
    name: 'workerd, by miniflare',
    async run(workspace) {
      // The build is what Cloudflare's own tool does: esbuild with these conditions, .wasm files left as imports.
      const cwd = workspace.project('workerd', {
        'worker.js': `import { train } from './train.js';\nexport default { fetch: () => Response.json(train()) };\n`,
        'serve.mjs': `import { Miniflare } from 'miniflare';
import { readdirSync } from 'node:fs';
const modules = readdirSync('out').map((name) => ({ type: name.endsWith('.wasm') ? 'CompiledWasm' : 'ESModule', path: 'out/' + name }));
modules.sort((a, b) => a.path.endsWith('.wasm') - b.path.endsWith('.wasm'));
const miniflare = new Miniflare({ modules, modulesRoot: 'out', compatibilityDate: '2026-01-01' });
const response = await miniflare.dispatchFetch('http://localhost/');
console.log(await response.text());
await miniflare.dispose();\n`,
      });
      const bundle = ['worker.js', '--bundle', '--format=esm', '--outdir=out', '--conditions=workerd,worker,browser'];
      await run(workspace.bin('esbuild'), [...bundle, '--loader:.wasm=copy', '--asset-names=[name]'], { cwd });
      // Miniflare wants Node 22 or later.
      const [command, ...args] = nodeCommand(Math.max(24, Number(process.versions.node.split('.')[0])));
      const training = JSON.parse(await run(command, [...args, 'serve.mjs'], { cwd }));
      return { training, files: readdirSync(join(cwd, 'out')).map((name) => join(cwd, 'out', name)) };
    },
  },
];
