import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { open } from '../lib/browser.mjs';
import { run, whileServing } from '../lib/run.mjs';
import { freePort, ISOLATED, whileServingFiles } from '../lib/serve.mjs';

const MAIN = `import { train } from './train.js';
import { onTwoThreads } from './threads.js';
const training = train();
onTwoThreads().then((threads) => { globalThis.outcome = { ...training, threads }; });\n`;

/** @param {string} script */
const html = (script) => `<!doctype html><meta charset="utf-8"><script type="module" src="${script}"></script>`;

/**
 * A bundler with its default configuration: what it builds is served and opened.
 * @param {string} name
 * @param {{ quick?: boolean, files: Record<string, string>, command: string[], page?: string, output: string }} how
 *   `page`: the page, where the bundler makes none
 * @returns {import('../lib/outcome.mjs').Target}
 */
function bundler(name, { quick = false, files, command: [tool, ...args], page, output }) {
  return {
    name,
    quick,
    async run(workspace) {
      const all = page === undefined ? files : { ...files, [`${output}/index.html`]: page };
      const cwd = workspace.project(name, all);
      await run(workspace.bin(tool), args, { cwd });
      const built = join(cwd, output);
      const training = await whileServingFiles(built, ISOLATED, open);
      return { training, files: downloads(built) };
    },
  };
}

/** @param {string} directory */
function downloads(directory) {
  const paths = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  return paths.filter((path) => /\.(js|mjs|wasm)$/.test(path)).map((path) => join(directory, path));
}

/** @type {import('../lib/outcome.mjs').Target[]} */
export const targets = [
  {
    name: 'Vite, dev server',
    quick: true,
    async run(workspace) {
      const cwd = workspace.project('vite-dev', { 'index.html': html('/main.js'), 'main.js': MAIN });
      const port = await freePort();
      const url = `http://127.0.0.1:${port}/`;
      const args = ['--host', '127.0.0.1', '--port', String(port), '--strictPort'];
      const training = await whileServing(workspace.bin('vite'), args, { cwd, url }, open);
      return { training };
    },
  },
  bundler('Vite, build', {
    quick: true,
    files: { 'index.html': html('/main.js'), 'main.js': MAIN },
    command: ['vite', 'build'],
    output: 'dist',
  }),
  bundler('webpack', {
    quick: true,
    files: { 'src/index.js': MAIN.replaceAll("'./", "'../") },
    command: ['webpack', '--mode', 'production'],
    page: html('main.js'),
    output: 'dist',
  }),
  bundler('esbuild', {
    quick: true,
    files: { 'main.js': MAIN },
    command: ['esbuild', 'main.js', '--bundle', '--minify', '--format=esm', '--outfile=dist/main.js'],
    page: html('main.js'),
    output: 'dist',
  }),
  bundler('Rollup with node-resolve', {
    files: { 'main.js': MAIN },
    command: ['rollup', 'main.js', '--plugin', 'node-resolve', '--format', 'es', '--dir', 'dist'],
    page: html('main.js'),
    output: 'dist',
  }),
  bundler('Parcel', {
    files: { 'index.html': html('main.js'), 'main.js': MAIN },
    command: ['parcel', 'build', 'index.html', '--no-cache', '--no-source-maps'],
    output: 'dist',
  }),
  ...[
    ['Next, Turbopack', []],
    ['Next, webpack', ['--webpack']],
  ].flatMap(([name, flags]) => next(name, flags)),
];

/**
 * One application, two lines: a client component, and a page that trains on the server for each request.
 * @param {string} name
 * @param {string[]} flags
 * @returns {import('../lib/outcome.mjs').Target[]}
 */
function next(name, flags) {
  const files = {
    'app/layout.js': 'export default ({ children }) => <html lang="en"><body>{children}</body></html>;\n',
    'app/page.js': `import { Client } from './client.js';\nexport default () => <Client />;\n`,
    'app/client.js': `'use client';
import { useEffect } from 'react';
import { train } from '../train.js';
import { onTwoThreads } from '../threads.js';
export function Client() {
  useEffect(() => {
    const training = train();
    onTwoThreads().then((threads) => { globalThis.outcome = { ...training, threads }; });
  }, []);
  return <p>client</p>;
}\n`,
    'app/server/page.js': `import { train } from '../../train.js';
export const dynamic = 'force-dynamic';
export default () => <pre>{JSON.stringify(train())}</pre>;\n`,
  };
  const env = { NEXT_TELEMETRY_DISABLED: '1' };
  /** @type {Promise<string> | undefined} */
  let built;
  const build = async (workspace) => {
    const cwd = workspace.project(name, files);
    await run(workspace.bin('next'), ['build', ...flags], { cwd, env });
    return cwd;
  };
  const serve = async (workspace, use) => {
    built ??= build(workspace);
    const cwd = await built;
    const port = await freePort();
    const options = { cwd, env, url: `http://127.0.0.1:${port}/` };
    return whileServing(
      workspace.bin('next'),
      ['start', '--hostname', '127.0.0.1', '--port', String(port)],
      options,
      use,
    );
  };
  return [
    { name: `${name}, client component`, run: async (workspace) => ({ training: await serve(workspace, open) }) },
    {
      name: `${name}, server rendering`,
      run: async (workspace) => ({
        training: await serve(workspace, async (url) => {
          const response = await fetch(`${url}server`);
          const text = await response.text();
          const json = /<pre>(.*?)<\/pre>/.exec(text)?.[1].replaceAll('&quot;', '"');
          if (json === undefined) throw new Error(`the server answered ${response.status}: ${text.slice(0, 500)}`);
          return JSON.parse(json);
        }),
      }),
    },
  ];
}
