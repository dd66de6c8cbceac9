import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { engine } from '../../src/engine/engine';
import { backendInfo, init, matmul, ready, SimdgradError, setDebug, sgemm, tensor, zeros } from '../../src/index';
import { moduleBytes } from '../../src/wasm/modules';
import { hasRelaxedSimd } from '../../src/wasm/probe';
import { gemm } from '../reference/gemm';
import { resetDebug } from '../support/detach';
import { expectClose, expectError, expectRejection, live } from '../support/facade';
import { asOldPage } from '../support/old_page';
import { normal } from '../support/seeds';

describe('init', () => {
  afterEach(() => init());

  function works(): void {
    const product = matmul([[1, 2]], [[3], [4]]);
    expect(product.toArray()).toEqual([[11]]);
    product.dispose();
  }

  test('baseline kernels run everywhere', async () => {
    await init({ simd: 'baseline' });
    expect(backendInfo().simd).toBe('baseline');
    expect(backendInfo().memory).toEqual({ bytes: 0, live: 0 });
    works();
    expect(backendInfo().simd).toBe('baseline');
  });

  test('what init asks for while ready() compiles is what runs', async () => {
    await init();
    await Promise.all([ready(), init({ simd: 'baseline' })]);
    expect([backendInfo().simd, engine.raw.variant()]).toEqual(['baseline', 0]);
    zeros([1]).dispose();
    expect(backendInfo().simd).toBe('baseline');
    await init();
  });

  test('without WebAssembly, as in Node with --jitless, the error says so', async () => {
    await init();
    vi.stubGlobal('WebAssembly', undefined);
    try {
      expect(backendInfo().simd).toBe('baseline');
      expectError(() => zeros([1]), SimdgradError, 'simdgrad needs WebAssembly SIMD, which this engine lacks');
      for (const ask of [ready, () => init({ simd: 'baseline' })]) {
        await expectRejection(ask(), SimdgradError, 'simdgrad needs WebAssembly SIMD');
      }
    } finally {
      vi.unstubAllGlobals();
    }
    works();
  });

  test('a tensor of size 0 outlives init', async () => {
    const empty = zeros([0]);
    await init();
    expect(empty.data).toEqual(new Float32Array(0));
    expect(String(empty)).toContain('[]');
  });

  test('without options, the best that the engine has', async () => {
    await init();
    expect(backendInfo().simd).toBe(hasRelaxedSimd() ? 'relaxed' : 'baseline');
    works();
  });

  test('a tensor of the new memory at the place of an old one reads its own values', async () => {
    for (const values of [
      [1, 2, 3],
      [4, 5, 6],
    ]) {
      await init();
      const t = tensor(values);
      expect([...t.toTypedArray()]).toEqual(values);
      t.dispose();
    }
  });

  test('relaxed runs where the engine has it, and is a clear error elsewhere', async () => {
    if (hasRelaxedSimd()) {
      await init({ simd: 'relaxed' });
      expect(backendInfo().simd).toBe('relaxed');
      works();
    } else {
      await expectRejection(init({ simd: 'relaxed' }), SimdgradError, 'init: this engine has no relaxed SIMD');
    }
  });

  test('takes a module, bytes, a view of bytes and a Response', async () => {
    const bytes = moduleBytes('baseline');
    const padded = new Uint8Array(bytes.length + 3);
    padded.set(bytes, 3);
    for (const source of [
      new WebAssembly.Module(bytes),
      bytes,
      bytes.buffer,
      padded.subarray(3),
      new Response(bytes, { headers: { 'content-type': 'application/wasm' } }),
    ]) {
      await init({ source });
      expect(backendInfo().simd).toBe('baseline');
      works();
      expect(backendInfo().simd).toBe('baseline');
    }
  });

  test('refuses kernels of another variant than the one asked for', async () => {
    const baseline = moduleBytes('baseline');
    await init({ source: baseline, simd: 'baseline' });
    expect(backendInfo().simd).toBe('baseline');
    works();
    if (!hasRelaxedSimd()) return;
    for (const [source, simd, other] of [
      [baseline, 'relaxed', 'baseline'],
      [moduleBytes('relaxed'), 'baseline', 'relaxed'],
    ] as const) {
      const message = `init: expected source to hold the ${simd} kernels, got the ${other} ones`;
      await expectRejection(init({ source, simd }), SimdgradError, message);
    }
    await init({ source: moduleBytes('relaxed'), simd: 'relaxed' });
    expect(backendInfo().simd).toBe('relaxed');
    works();
  });

  test('ready() uses the kernels that init brought, and compiles no others', async () => {
    await init({ source: moduleBytes('baseline') });
    const { compile } = WebAssembly;
    const compiled = vi.spyOn(WebAssembly, 'compile');
    await ready();
    expect(compiled).not.toHaveBeenCalled();
    compiled.mockRestore();
    expect(WebAssembly.compile).toBe(compile);
    works();
    expect(backendInfo().simd).toBe('baseline');
  });

  test('what ready() cannot compile off this thread is compiled on it, whose error has a mend', async () => {
    await init();
    const refused = vi.spyOn(WebAssembly, 'compile').mockRejectedValue(new WebAssembly.CompileError('policy'));
    await ready();
    works();
    await init();
    const { Module } = WebAssembly;
    WebAssembly.Module = class {
      constructor() {
        throw new WebAssembly.CompileError('policy');
      }
    } as unknown as typeof Module;
    try {
      await expectRejection(
        ready(),
        SimdgradError,
        /cannot compile WebAssembly .*await ready\(\) first.*wasm-unsafe-eval/,
      );
    } finally {
      WebAssembly.Module = Module;
      refused.mockRestore();
    }
    works();
  });

  test('a page before Chrome 115, which may compile and instantiate no more than 4 KB, works from ready() on', async () => {
    await init();
    using _page = asOldPage();
    const mend = /cannot compile WebAssembly .*RangeError.*Before Chrome 115, await ready\(\) first/;
    expectError(works, SimdgradError, mend);
    await ready();
    works();
    await init({ source: moduleBytes('baseline') });
    expectError(works, SimdgradError, mend);
    await ready();
    works();
    expect(backendInfo().simd).toBe('baseline');
  });

  test('while ready() compiles: the kernels that it asked for run', async () => {
    await init();
    const starting = ready();
    await init({ simd: 'baseline' });
    await starting;
    expect(engine.raw.variant()).toBe(0); // where there is no other variant, this says nothing
    works();
  });

  test('takes a file: URL, and says what is wrong with it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'simdgrad-'));
    const file = join(folder, 'kernels.wasm');
    writeFileSync(file, moduleBytes('baseline'));
    await init({ source: pathToFileURL(file) });
    works();
    rmSync(folder, { recursive: true });
    await expectRejection(
      init({ source: pathToFileURL(file).href }),
      SimdgradError,
      /^SimdgradError: init: cannot read file:/,
    );
  });

  test('takes a URL, and says what is wrong with the answer', async () => {
    const server = createServer((request, response) => {
      if (request.url === '/kernels.wasm') response.end(moduleBytes('baseline'));
      else if (request.url === '/page') response.end('<!doctype html><title>none</title>');
      else if (request.url === '/cut')
        response.writeHead(200, { 'Content-Length': 9 }).write('a', () => response.destroy());
      else response.writeHead(404).end();
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      await init({ source: `${base}/kernels.wasm` });
      works();
      await init({ source: new URL(`${base}/kernels.wasm`) });
      works();
      await expectRejection(init({ source: `${base}/none` }), SimdgradError, /^SimdgradError: init: .*404/);
      await expectRejection(init({ source: `${base}/page` }), SimdgradError, /^SimdgradError: init: .*an HTML page/);
      await expectRejection(init({ source: `${base}/cut` }), SimdgradError, /^SimdgradError: init: cannot fetch .*cut/);
    } finally {
      server.close();
    }
    works();
  });

  test('refuses what is no module of ours, and the old kernels go on', async () => {
    const foreign = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);
    await expectRejection(init({ source: foreign }), SimdgradError, 'init: source does not hold');
    await expectRejection(init({ source: new WebAssembly.Module(foreign) }), SimdgradError, 'init: source does');
    const exporting = new Uint8Array([...foreign, 5, 3, 1, 0, 0, 7, 10, 1, 6, ...Buffer.from('memory'), 2, 0]);
    await expectRejection(init({ source: exporting }), SimdgradError, 'init: source does not hold');
    await expectRejection(
      init({ source: new Uint8Array([1, 2, 3, 4]) }),
      SimdgradError,
      /^SimdgradError: init: .*"\\u0001\\u0002\\u0003\\u0004"/,
    );
    await expectRejection(init({ source: new Uint8Array(0) }), SimdgradError, /^SimdgradError: init: /);
    const broken = moduleBytes('baseline').slice(0, 1000);
    await expectRejection(init({ source: broken }), SimdgradError, 'init: cannot compile source (');
    await expectRejection(init({ source: 5 as never }), TypeError, 'init: expected source');
    works();
  });

  test('what made it fail is the cause of the error', async () => {
    const { Module } = WebAssembly;
    const refused = new TypeError('fetch failed');
    vi.stubGlobal('fetch', () => Promise.reject(refused));
    const causeOf = (made: Promise<void>) => made.catch((error: Error) => error.cause);
    try {
      expect(await causeOf(init({ source: 'https://example.org/kernels.wasm' }))).toBe(refused);
      expect(await causeOf(init({ source: 'file:///no/such/kernels.wasm' }))).toHaveProperty('code', 'ENOENT');
      const broken = moduleBytes('baseline').slice(0, 1000);
      expect(await causeOf(init({ source: broken }))).toBeInstanceOf(WebAssembly.CompileError);
      await init();
      vi.spyOn(WebAssembly, 'compile').mockRejectedValue(refused);
      WebAssembly.Module = class {
        constructor() {
          throw refused;
        }
      } as unknown as typeof Module;
      expect(await causeOf(ready())).toBe(refused);
    } finally {
      WebAssembly.Module = Module;
      vi.restoreAllMocks();
      vi.unstubAllGlobals();
    }
    works();
  });

  test('refuses what is no source where there are no Responses, too', async () => {
    vi.stubGlobal('Response', undefined);
    try {
      await expectRejection(init({ source: 5 as never }), TypeError, 'init: expected source');
    } finally {
      vi.unstubAllGlobals();
    }
  });

  test('refuses where a tensor came while it compiled', async () => {
    await init();
    const choosing = init({ source: moduleBytes('baseline') });
    const t = tensor([1, 2]);
    await expectRejection(choosing, SimdgradError, 'init: 8 bytes of tensors live; call it while there are none');
    expect(t.toArray()).toEqual([1, 2]);
    t.dispose();
  });

  test('refuses while tensors live, and not because of empty ones', async () => {
    const t = zeros([3]);
    await expectRejection(init({ simd: 'baseline' }), SimdgradError, 'init: 12 bytes of tensors live');
    const nowhere = init({ source: 'file:///no/such/kernels.wasm' });
    await expectRejection(nowhere, SimdgradError, 'init: 12 bytes of tensors live'); // before it looks there
    expect(t.toArray()).toEqual([0, 0, 0]);
    t.dispose();
    const empty = zeros([0]);
    await init({ simd: 'baseline' });
    works();
    empty.dispose();
    works();
    expect(live()).toBe(0);
  });

  test('checks its options', async () => {
    await expectRejection(
      init({ simd: 'fast' as never }),
      RangeError,
      "init: expected simd to be 'baseline' or 'relaxed'",
    );
    await expectRejection(init({ smid: 'baseline' } as never), TypeError, 'init: unknown option "smid"');
    await expectRejection(init(null as never), TypeError, 'init: expected options');
  });
});

test('ready compiles ahead, as often as it is called', async () => {
  await init();
  await ready();
  expect(backendInfo().memory.bytes).toBe(64 * 2 ** 20);
  const reserved = vi.spyOn(WebAssembly, 'Memory');
  await ready();
  expect(reserved).not.toHaveBeenCalled(); // there is one
  reserved.mockRestore();
  using t = tensor([1]);
  expect(t.item()).toBe(1);
});

test.each([
  ['without options', undefined],
  ['with options', { alpha: 1 }],
])('sgemm %s may be the first call of a process', async (_name, options) => {
  await init();
  engine.packingBytes = 0; // as in a new process
  const size = 400; // the copies are larger than what a product packs into
  const [a, b] = [1, 2].map((seed) => normal(size * size, { seed })) as [Float32Array, Float32Array];
  const c = sgemm(size, size, size, a, b, new Float32Array(size * size), options);
  const shape = { m: size, n: size, k: size };
  const { y, magnitude } = gemm({ ...shape, a: { data: a, ld: size }, b: { data: b, ld: size } });
  const bound = magnitude.map((sum) => size * 2 ** -24 * sum);
  expectClose(c, y, bound);
});

test('setDebug wants a boolean', () => {
  expectError(() => setDebug({ detachViews: 1 as never }), TypeError, 'setDebug: ');
  expectError(() => setDebug(undefined as never), TypeError, 'setDebug: ');
  expectError(() => setDebug(null as never), TypeError, 'setDebug: ');
  expectError(
    () => setDebug({ detachViews: true, checks: 1 } as never),
    TypeError,
    'setDebug: unknown option "checks"',
  );
  resetDebug();
});

test('backendInfo says why there is one thread', () => {
  expect(backendInfo().threads).toBe(1);
  expect(backendInfo().threadsReason).toContain('setThreads');
});
