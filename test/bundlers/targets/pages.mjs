import { copyFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { open } from '../lib/browser.mjs';
import { openInOldest } from '../lib/oldest_browser.mjs';
import { ISOLATED, whileServingFiles } from '../lib/serve.mjs';

/** The imports of a program, from the self-contained file. */
const fromFile = (text, url) => text.replace("'simdgrad'", `'${url}'`).replace("'simdgrad/threads'", `'${url}'`);

/**
 * A page without a bundler, next to dist/simdgrad.min.js.
 * @param {import('../lib/workspace.mjs').Workspace} workspace
 * @param {string} name
 * @param {Record<string, string>} files
 */
function page(workspace, name, files) {
  const directory = workspace.project(name, { ...files, 'train.js': fromFile(workspace.program, './simdgrad.min.js') });
  copyFileSync(workspace.package('dist/simdgrad.min.js'), join(directory, 'simdgrad.min.js'));
  return directory;
}

const HTML = '<!doctype html><meta charset="utf-8"><script type="module" src="main.js"></script>';
const MAIN = `import { train } from './train.js';\nglobalThis.outcome = train();\n`;
const ON_THREADS = `import { train } from './train.js';
import { onTwoThreads } from './threads.js';
globalThis.outcome = { ...train(), threads: await onTwoThreads() };\n`;
/** For a browser that no driver opens: the page sends the outcome of `body`. */
const sent = (body) => `import { ready } from './simdgrad.threads.min.js';
import { train } from './train.js';
import { onTwoThreads } from './threads.js';
async function outcome() {
  ${body}
}
const result = await outcome().catch((error) => ({ error: String(error) }));
await fetch('outcome', { method: 'POST', body: JSON.stringify(result) });\n`;
const CAUGHT = `import { train } from './train.js';
try { globalThis.outcome = train(); } catch (error) { globalThis.outcome = { error: String(error) }; }\n`;

/**
 * A page of Chromium 91.
 * @param {import('../lib/workspace.mjs').Workspace} workspace
 * @param {string} name
 * @param {Record<string, string>} scripts
 */
async function inOldest(workspace, name, scripts) {
  const url = './simdgrad.threads.min.js';
  const files = {
    'index.html': HTML,
    ...scripts,
    'train.js': fromFile(workspace.program, url),
    'threads.js': fromFile(workspace.threads, url),
  };
  const directory = workspace.project(name, files);
  copyFileSync(workspace.package('dist/simdgrad.threads.min.js'), join(directory, 'simdgrad.threads.min.js'));
  return whileServingFiles(directory, ISOLATED, (page, sent) => openInOldest(workspace, page, sent));
}

/** @type {import('../lib/outcome.mjs').Target[]} */
export const targets = [
  {
    name: 'script tag, other origin',
    async run(workspace) {
      const file = workspace.package('dist/simdgrad.min.js');
      const training = await whileServingFiles(dirname(file), { 'access-control-allow-origin': '*' }, (cdn) => {
        const program = fromFile(workspace.program, `${cdn}simdgrad.min.js`);
        const directory = workspace.project('script', { 'index.html': HTML, 'main.js': MAIN, 'train.js': program });
        return whileServingFiles(directory, {}, open);
      });
      return { training, files: [file] };
    },
  },
  {
    name: 'script tag, other origin, threads',
    async run(workspace) {
      const file = workspace.package('dist/simdgrad.threads.min.js');
      const training = await whileServingFiles(dirname(file), { 'access-control-allow-origin': '*' }, (cdn) => {
        const url = `${cdn}simdgrad.threads.min.js`;
        const program = fromFile(workspace.program, url);
        const threads = fromFile(workspace.threads, url);
        const files = { 'index.html': HTML, 'main.js': ON_THREADS, 'train.js': program, 'threads.js': threads };
        return whileServingFiles(workspace.project('script-threads', files), ISOLATED, open);
      });
      return { training, files: [file] };
    },
  },
  {
    name: "Content-Security-Policy: script-src 'self' 'wasm-unsafe-eval'",
    async run(workspace) {
      const directory = page(workspace, 'csp', { 'index.html': HTML, 'main.js': MAIN });
      const headers = { 'content-security-policy': "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'" };
      return { training: await whileServingFiles(directory, headers, open) };
    },
  },
  {
    name: "Content-Security-Policy: script-src 'self': the error names what is missing",
    async run(workspace) {
      const directory = page(workspace, 'csp-without', { 'index.html': HTML, 'main.js': CAUGHT });
      const headers = { 'content-security-policy': "default-src 'none'; script-src 'self'" };
      const { error } = await whileServingFiles(directory, headers, open);
      if (!error?.includes("script-src needs 'wasm-unsafe-eval'")) throw new Error(`got ${error}`);
      return {};
    },
  },
  {
    name: 'Chromium 91, the first with SIMD, from ready() on',
    async run(workspace) {
      const training = await inOldest(workspace, 'oldest', { 'main.js': sent('await ready(); return train();') });
      if (training.error) throw new Error(training.error);
      return { training };
    },
  },
  {
    name: 'Chromium 91, Web Worker, threads',
    async run(workspace) {
      const training = await inOldest(workspace, 'oldest-worker', {
        'main.js': "new Worker('worker.js', { type: 'module' });",
        'worker.js': sent('return { ...train(), threads: await onTwoThreads() };'),
      });
      if (training.error) throw new Error(training.error);
      return { training };
    },
  },
  {
    name: 'Chromium 91 without ready(): the error names it',
    async run(workspace) {
      const { error } = await inOldest(workspace, 'oldest-without', { 'main.js': sent('return train();') });
      if (!error?.includes('Before Chrome 115, await ready() first')) throw new Error(`got ${error}`);
      return {};
    },
  },
  {
    name: 'Web Worker',
    async run(workspace) {
      const directory = page(workspace, 'worker', {
        'index.html': HTML,
        'main.js': `const worker = new Worker('worker.js', { type: 'module' });
worker.onmessage = ({ data }) => { globalThis.outcome = data; };
worker.onerror = ({ message }) => { throw new Error(message); };\n`,
        'worker.js': `import { train } from './train.js';\npostMessage(train());\n`,
      });
      return { training: await whileServingFiles(directory, {}, open) };
    },
  },
  {
    name: 'service worker',
    async run(workspace) {
      const directory = page(workspace, 'service-worker', {
        'index.html': HTML,
        'main.js': `await navigator.serviceWorker.register('service.js', { type: 'module' });
const { active } = await navigator.serviceWorker.ready;
navigator.serviceWorker.onmessage = ({ data }) => { globalThis.outcome = data; };
navigator.serviceWorker.startMessages();
active.postMessage('train');\n`,
        'service.js': `import { train } from './train.js';\nonmessage = ({ source }) => source.postMessage(train());\n`,
      });
      return { training: await whileServingFiles(directory, {}, open) };
    },
  },
];
