import { resolve } from 'node:path';
import { build } from 'esbuild';
import { beforeAll, describe, expect, test } from 'vitest';
import { source as workerSource } from '../../src/threads/generated/worker_web';
import { chromium, firefox } from './browsers';
import { ISOLATED, type Site, visit } from './page';

if (chromium === undefined)
  console.log('test:browser: not run in Chromium, which is not here (chromium, google-chrome)');
if (firefox === undefined) console.log('test:browser: not run in Firefox, which is not here (firefox-esr, firefox)');
const browsers = [chromium, firefox].filter((browser) => browser !== undefined);
// A file without a test fails.
if (browsers.length === 0) test.skip('threads in a browser', () => {});

const root = resolve(import.meta.dirname, '../..');
const CSP = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'";
/** A worker in which the first kernel call fails. */
const FAULTY = `
  const { Instance } = WebAssembly;
  WebAssembly.Instance = class {
    constructor(module, imports) {
      const { exports } = new Instance(module, imports);
      const fail = () => { throw new Error('made to throw'); };
      this.exports = Object.fromEntries(Object.keys(exports).map((name) => [name, fail]));
    }
  };
`;
let library = '';

beforeAll(async () => {
  const { outputFiles } = await build({
    stdin: {
      contents: `export * from './src/index'; export { setThreads } from './src/threads/index';`,
      resolveDir: root,
      loader: 'ts',
    },
    bundle: true,
    format: 'esm',
    write: false,
    logLevel: 'error',
  });
  library = outputFiles[0]!.text;
});

/** A page whose module `script` has the library, and `report`; `worker` is the module of a worker of the page. */
function site(
  script: string,
  { headers = {}, worker = '' }: { headers?: Record<string, string>; worker?: string },
): Site {
  const prelude = `
    import { setThreads, backendInfo, ThreadError, matmul, Random, relu, tensor } from '/library.js';
    const report = (value) => fetch('/report', { method: 'POST', body: JSON.stringify(value) });
    const fail = (error) => report({ error: String(error && error.stack || error) });
    self.addEventListener('error', (event) => fail(event.error ?? event.message));
    self.addEventListener('unhandledrejection', (event) => fail(event.reason));
    const rng = new Random(1);
    const [a, b] = [rng.normal([500, 400]), rng.normal([400, 300])];
    const product = () => matmul(a, b).toTypedArray();
    const equal = (x, y) => x.length === y.length && x.every((value, i) => value === y[i]);
    const state = () => ({ threads: backendInfo().threads, reason: backendInfo().threadsReason });
  `;
  const module = (code: string) => ({ type: 'text/javascript', body: code, headers });
  return {
    '/': { type: 'text/html', body: '<!doctype html><script type="module" src="/script.js"></script>', headers },
    '/script.js': module(prelude + script),
    '/user-worker.js': module(prelude + worker),
    '/library.js': module(library),
    '/worker.js': module(workerSource),
    '/faulty.js': module(FAULTY + workerSource),
  };
}

const COMPARE = `
  const alone = product();
  const n = await setThreads(3);
  const results = Array.from({ length: 20 }, product);
  report({ n, equal: results.every((result) => equal(result, alone)), ...state() });
`;

describe.each(browsers)('$name', (browser) => {
  test('isolated: threads from the main thread', async () => {
    expect(await visit(browser, site(COMPARE, { headers: ISOLATED }), '/')).toEqual({
      n: 3,
      equal: true,
      threads: 3,
      reason: 'setThreads(3)',
    });
  });

  test("isolated: 'auto' is the number of cores that the browser tells", async () => {
    const script = `report({ n: await setThreads('auto'), cores: navigator.hardwareConcurrency, ...state() });`;
    const result = (await visit(browser, site(script, { headers: ISOLATED }), '/')) as { n: number; cores: number };
    expect(result).toMatchObject({ n: result.cores, threads: result.cores });
  });

  test('isolated: threads from inside a worker', async () => {
    const script = `new Worker('/user-worker.js', { type: 'module' }).onerror = (event) => fail(event.message);`;
    expect(await visit(browser, site(script, { headers: ISOLATED, worker: COMPARE }), '/')).toMatchObject({
      n: 3,
      equal: true,
      threads: 3,
    });
  });

  test('isolated: the timers of the page fire between calls', async () => {
    const script = `
      await setThreads(2);
      let ticks = 0;
      const timer = setInterval(() => ticks++, 1);
      for (let i = 0; i < 100; i++) {
        product();
        await new Promise((next) => setTimeout(next));
      }
      clearInterval(timer);
      report({ ticks, ...state() });
    `;
    const result = (await visit(browser, site(script, { headers: ISOLATED }), '/')) as { ticks: number };
    expect(result).toMatchObject({ threads: 2 });
    expect(result.ticks).toBeGreaterThan(30);
  });

  test('not isolated: one thread, with the reason, and no error', async () => {
    const result = (await visit(browser, site(COMPARE, {}), '/')) as { reason: string };
    expect(result).toMatchObject({ n: 1, equal: true, threads: 1 });
    expect(result.reason).toContain('not cross-origin isolated');
  });

  test('a Content-Security-Policy without blob: says what to do, and workerUrl works', async () => {
    const script = `
      const alone = product();
      const refused = await setThreads(2);
      const { reason } = state();
      const n = await setThreads(2, { workerUrl: '/worker.js' });
      report({ refused, advice: reason, n, equal: equal(product(), alone), ...state() });
    `;
    const headers = { ...ISOLATED, 'Content-Security-Policy': CSP };
    const result = (await visit(browser, site(script, { headers }), '/')) as { advice: string };
    expect(result).toMatchObject({ refused: 1, n: 2, equal: true, threads: 2 });
    expect(result.advice).toContain('pass { workerUrl }');
  });

  test('a workerUrl that is not there: one thread, with the reason', async () => {
    const script = `
      const n = await setThreads(2, { workerUrl: '/nowhere.js' });
      report({ n, ...state() });
    `;
    const result = (await visit(browser, site(script, { headers: ISOLATED }), '/')) as { reason: string };
    expect(result).toMatchObject({ n: 1, threads: 1 });
    expect(result.reason).toContain('workerUrl must be of the same origin');
  });

  test('a worker that throws in a claim is a ThreadError, and the next call is right', async () => {
    const script = `
      const alone = product();
      await setThreads(2, { workerUrl: '/faulty.js' });
      let error;
      for (let i = 0; i < 1000 && error === undefined; i++) {
        try { product(); } catch (thrown) { error = thrown; }
      }
      const next = equal(product(), alone);
      await setThreads(2);
      report({ thread: error instanceof ThreadError, next, later: equal(product(), alone), ...state() });
    `;
    expect(await visit(browser, site(script, { headers: ISOLATED }), '/')).toMatchObject({
      thread: true,
      next: true,
      later: true,
      threads: 2,
    });
  });

  test('setThreads(1) ends the workers, and threads can be had again', async () => {
    const script = `
      const alone = product();
      const counts = [];
      for (const n of [2, 1, 4, 2]) counts.push(await setThreads(n));
      report({ counts, equal: equal(product(), alone) });
    `;
    expect(await visit(browser, site(script, { headers: ISOLATED }), '/')).toEqual({
      counts: [2, 1, 4, 2],
      equal: true,
    });
  });
});
