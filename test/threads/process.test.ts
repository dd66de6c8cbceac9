import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

// What only a process of its own can show: that it exits.

const bundle = resolve(import.meta.dirname, `../../build/threads-${process.pid}.mjs`);

beforeAll(async () => {
  const contents = `export * from './src/index'; export { setThreads } from './src/threads/index';`;
  await build({ ...bundling(contents), outfile: bundle });
});
afterAll(() => rmSync(bundle));

function bundling(contents: string) {
  return {
    stdin: { contents, resolveDir: resolve(import.meta.dirname, '../..'), loader: 'ts' as const },
    bundle: true,
    format: 'esm' as const,
    platform: 'neutral' as const,
    mainFields: ['module', 'main'],
    logLevel: 'error' as const,
  };
}

/** Runs a module; `done` is when it printed "done", both in ms since the start. */
async function run(
  code: string,
  ...flags: string[]
): Promise<{ code: number | null; done: number; exit: number; output: string }> {
  const source = `import { setThreads, matmul, ones, zeros, backendInfo } from ${JSON.stringify(pathToFileURL(bundle).href)};\n${code}`;
  const child = spawn(process.execPath, [...flags, '--input-type=module', '-e', source]);
  const began = performance.now();
  let done = 0;
  let output = '';
  child.stdout.on('data', (text) => {
    output += text;
    if (output.includes('done')) done ||= performance.now() - began;
  });
  child.stderr.on('data', (text) => (output += text));
  const status = await new Promise<number | null>((end) => child.on('exit', end));
  return { code: status, done, exit: performance.now() - began, output };
}

// Again where the machine was busy: a worker or a timer that keeps Node alive does so every time.
describe('Node exits by itself within a second after the last call, nothing disposed', { retry: 4 }, () => {
  test.each([
    ['after a job', `await setThreads(3); matmul(ones([500, 500]), ones([500, 500])); console.log('done');`],
    ['with idle workers', `await setThreads(3); await new Promise((r) => setTimeout(r, 300)); console.log('done');`],
    ['right after setThreads', `await setThreads(2); console.log('done');`],
    ['with setThreads under way', `setThreads(3); console.log('done');`],
    [
      'with a job in flight at process.exit in a handler',
      `await setThreads(3); setTimeout(() => { console.log('done'); process.exit(0); }, 20);
       const loop = () => { matmul(ones([300, 300]), ones([300, 300])); setImmediate(loop); }; loop();`,
    ],
  ])('%s', async (_name, code) => {
    const { code: status, done, exit, output } = await run(code);
    expect(output.trim()).toBe('done');
    expect(status).toBe(0);
    expect(exit - done).toBeLessThan(1000);
  });
});

test('where permissions forbid workers, it stays on one thread, says so and warns once', async () => {
  const flags = Number(process.versions.node.split('.')[0]) < 24 ? ['--experimental-permission'] : ['--permission'];
  const { output, code } = await run(
    `await setThreads(2); console.log(await setThreads(2), backendInfo().threadsReason); console.log('done');`,
    ...flags,
    '--allow-fs-read=*',
    '--no-warnings',
  );
  expect(output).toMatch(/^1 0 of 1 workers run: .*\ndone/m);
  expect(output.match(/simdgrad: setThreads: one thread only: 0 of 1 workers run: /g)).toHaveLength(1);
  expect(code).toBe(0);
});

test('where a page is not isolated, it says so and warns once, though nothing was computed before', async () => {
  const { output } = await run(
    `globalThis.crossOriginIsolated = false; await setThreads(2); console.log(await setThreads(2)); console.log('done');`,
  );
  expect(output).toMatch(/^1\ndone/m);
  expect(output.match(/simdgrad: setThreads: one thread only: this page is not cross-origin isolated/g)).toHaveLength(
    1,
  );
});

test('what Node was told to load first runs in this thread only, not in each worker', async () => {
  const first = `data:text/javascript,process.stdout.write('loaded ')`;
  const { output, code } = await run(
    `await setThreads(3); console.log(backendInfo().threads, 'done');`,
    '--import',
    first,
  );
  expect(output.trim()).toBe('loaded 3 done');
  expect(code).toBe(0);
});

// In a bundle, where constants are constants: the modules of vitest call a getter for each.
test('where the stack ends: a RangeError or the result, no worker is given up and the next call is right', {
  timeout: 60_000,
}, async () => {
  const { output, code } = await run(`
    await setThreads(3);
    const [a, b, out] = [ones([200, 200]), ones([200, 200]), zeros([200, 200])];
    const errors = new Set();
    let results = 0;
    // Tries in each of the last frames before the stack ends, from the last one up; frames of many sizes.
    const dive = (frames, ...padding) => {
      let left = frames;
      try {
        left = dive(frames, ...padding);
      } catch {}
      if (left === 0) return 0;
      try {
        matmul(a, b, { out });
        results++;
      } catch (error) {
        errors.add(error.constructor.name);
      }
      return left - 1;
    };
    for (let i = 0; i < 200; i++) {
      dive(20, ...Array(i).fill(0));
      out.data.fill(0);
      matmul(a, b, { out });
      if (!out.toTypedArray().every((x) => x === 200)) throw new Error('wrong');
    }
    console.log(...errors, results > 0, backendInfo().threads, 'done');`);
  expect(output.trim()).toBe('RangeError true 3 done');
  expect(code).toBe(0);
});

test('where the stack ends, nobody is left at work in memory that the caller frees', { timeout: 60_000 }, async () => {
  const { output, code } = await run(`
    await setThreads(3);
    const [a, b] = [ones([500, 500]), ones([500, 500])];
    let refused = 0;
    let lost = 0;
    for (let i = 0; i < 50; i++) {
      const out = zeros([500, 500]);
      let ended = false;
      // The first frame from the end of the stack that begins with the product decides.
      const dive = (...padding) => {
        try {
          dive(...padding);
        } catch {}
        if (ended) return;
        try {
          matmul(a, b, { out });
          ended = true;
        } catch {
          refused++;
          ended = out.toTypedArray().some((x) => x !== 0);
        }
      };
      dive(...Array(i).fill(0));
      out.dispose();
      const next = ones([500, 500]); // in the same place
      for (const end = performance.now() + 10; performance.now() < end; );
      if (!next.toTypedArray().every((x) => x === 1)) lost++;
      next.dispose();
    }
    console.log(refused > 50, lost, 'done');`);
  expect(output.trim()).toBe('true 0 done');
  expect(code).toBe(0);
});

test('no trace of threads in a bundle without them', async () => {
  const { outputFiles } = await build({ ...bundling(`export * from './src/index'`), write: false, minify: true });
  const { text } = outputFiles![0]!;
  expect(text).toContain('SimdgradError');
  for (const trace of ['Atomics', 'worker_threads', 'new Worker', 'createObjectURL']) expect(text).not.toContain(trace);
});
