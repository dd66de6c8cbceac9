import os from 'node:os';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { engine } from '../../src/engine/engine';
import {
  backendInfo,
  full,
  init,
  matmul,
  OutOfMemoryError,
  ready,
  relu,
  softmax,
  ThreadError,
  tensor,
  tidy,
  zeros,
} from '../../src/index';
import { CONTROL_BYTES, LEFT, LINE, SHARES, STATE, STATES } from '../../src/threads/control';
import { setThreads } from '../../src/threads/index';
import { isShared } from '../../src/threads/memory';
import type { Simd } from '../../src/wasm/simd';
import { expectError, live, normalTensor } from '../support/facade';
import { variants } from '../support/variants';
import { idleWorkers, makeWorkers, until, workers } from '../support/workers';

// Each test begins with an engine that has no memory yet.
beforeEach(async () => {
  await setThreads(1);
  expect(live()).toBe(0);
  await init();
  expect(backendInfo().memory.bytes).toBe(0);
});

afterEach(() => {
  vi.restoreAllMocks();
  makeWorkers();
});

test('views handed out before the first threads become empty, tensors stay', async () => {
  using x = tensor([1, 2, 3]);
  const { data } = x;
  await setThreads(2);
  expect(data.length).toBe(0);
  expect([...x.data]).toEqual([1, 2, 3]);
  expect(x.data.buffer).toBeInstanceOf(SharedArrayBuffer);
});

test('the memory is shared from the first threads on; before the first tensor there is none', async () => {
  expect(isShared(engine.memory)).toBe(false);
  using _x = zeros([1]);
  expect(isShared(engine.memory)).toBe(false);
  await setThreads(2);
  expect(isShared(engine.memory)).toBe(true);
  await setThreads(1);
  expect(isShared(engine.memory)).toBe(true);
});

test('every element moves, to the last of the last line in use', async () => {
  const values = Array.from({ length: 16 }, (_, i) => i + 1); // a whole line
  using first = tensor(values);
  using _short = tensor([1]);
  using last = tensor(values);
  await setThreads(2);
  expect([first.toArray(), last.toArray()]).toEqual([values, values]);
});

test('a memory that has grown keeps its size, and what stands in the part that came with it', async () => {
  using _large = zeros([2 ** 24 + 1]);
  using x = tensor([1, 2, 3]);
  const { bytes } = backendInfo().memory;
  expect(bytes).toBeGreaterThan(2 ** 26);
  expect(await setThreads(2)).toBe(2);
  expect(backendInfo().memory.bytes).toBe(bytes);
  expect(x.toArray()).toEqual([1, 2, 3]);
});

test('threads that come again find the shared memory of those before', async () => {
  using x = tensor([1, 2, 3]);
  await setThreads(2);
  const { data } = x;
  const { memory } = engine;
  await setThreads(1);
  await setThreads(3);
  expect(engine.memory).toBe(memory);
  x.set([4, 5, 6]);
  expect([...data]).toEqual([4, 5, 6]);
});

test.each(variants.map(([simd]) => simd))('%s kernels that ran before the threads run with them', async (simd) => {
  await init({ simd: simd as Simd });
  using _first = zeros([1]);
  await setThreads(2);
  expect([engine.raw.variant(), backendInfo().simd]).toEqual([Number(simd === 'relaxed'), simd]);
});

test('a start that fails gives back the scratch of the workers', async () => {
  await setThreads(2);
  await setThreads(1);
  const { top } = engine;
  makeWorkers(() => {
    throw new Error('refused');
  });
  expect(await setThreads(3)).toBe(1);
  expect(engine.top).toBe(top);
});

test('setThreads(1) and what has no threads at all leave the memory as it is', async () => {
  using x = tensor([1, 2, 3]);
  const { data } = x;
  await setThreads(1);
  expect([...data]).toEqual([1, 2, 3]);
  expect(data.buffer).toBeInstanceOf(ArrayBuffer);
});

test('threads can come before the first tensor', async () => {
  expect(await setThreads(2)).toBe(2);
  using x = tensor([-1, 2]);
  using y = relu(x);
  expect(y.toArray()).toEqual([0, 2]);
});

test('129 threads are the most, for auto too', async () => {
  const starts = idleWorkers();
  vi.spyOn(os, 'availableParallelism').mockReturnValue(1000);
  expect(await setThreads('auto')).toBe(129);
  expect(backendInfo().threadsReason).toBe("'auto' on 129 cores");
  expect(await setThreads(129)).toBe(129);
  expect(starts.length).toBe(256);
});

describe('the maximum of the shared memory', () => {
  /** A host that refuses memories that may grow beyond `pages`. Returns the maxima that it will have been asked for. */
  function host(pages: number): number[] {
    const asked: number[] = [];
    const { Memory } = WebAssembly;
    WebAssembly.Memory = class {
      constructor(descriptor: WebAssembly.MemoryDescriptor) {
        if (descriptor.shared) asked.push(descriptor.maximum!);
        if (descriptor.shared && descriptor.maximum! > pages) throw new RangeError('could not allocate memory');
        // biome-ignore lint/correctness/noConstructorReturn: what `new` gives is the point
        return new Memory(descriptor);
      }
    } as typeof Memory;
    onTestFinished(() => {
      WebAssembly.Memory = Memory;
    });
    return asked;
  }

  test('is halved until the host grants it, and is then what an OutOfMemoryError names', async () => {
    const asked = host(5000);
    expect(await setThreads(2)).toBe(2);
    expect(asked).toEqual([65535, 32767, 16383, 8191, 4095]);
    using half = zeros([4095 * 8192]);
    expect(half.size).toBe(4095 * 8192);
    expectError(() => zeros([4095 * 16384]), OutOfMemoryError, /can grow to 268369920 at most/);
    using small = tensor([1]);
    expect(small.item()).toBe(1);
  });

  test('is forgotten with the memory that init() leaves', async () => {
    host(5000);
    await setThreads(2);
    await setThreads(1);
    await init();
    expectError(() => zeros([65535 * 16384]), OutOfMemoryError, /can grow to 4294901760 at most/);
  });

  test('where not even what is in use is granted, it stays on one thread, and nothing is lost', async () => {
    host(10);
    using x = tensor([1, 2, 3]);
    const { data } = x;
    expect(await setThreads(2)).toBe(1);
    expect(backendInfo().threadsReason).toBe('could not allocate memory');
    expect([...data]).toEqual([1, 2, 3]);
    expect(workers.size).toBe(0);
    expectError(() => zeros([65535 * 16384]), OutOfMemoryError, /can grow to 4294901760 at most/);
  });
});

test('while workers start, and where none does, everything runs on the shared memory', async () => {
  using x = tensor([1, 2, 3]);
  const sum = () => tidy(() => matmul(softmax(x), [[1], [1], [1]]).item());
  const sums: number[] = [];
  makeWorkers(() => {
    sums.push(sum());
    throw new Error('no worker');
  });
  expect(await setThreads(2)).toBe(1);
  expect(x.data.buffer).toBeInstanceOf(SharedArrayBuffer);
  sums.push(sum());
  expect(sums.map((s) => s.toFixed(5))).toEqual(['1.00000', '1.00000']);
});

test('where a call was stopped from outside while the memory grew, everything moves all the same', async () => {
  using x = tensor([1, 2, 3]);
  engine.memory.grow(16); // and no more, as where node:vm or a REPL ends a call
  expect(await setThreads(2)).toBe(2);
  expect(x.toArray()).toEqual([1, 2, 3]);
});

test('where the kernels do not start on a shared memory, views of the old one stay as they are', async () => {
  using x = tensor([1, 2, 3]);
  const { data } = x;
  const { maximumPages } = engine;
  const { Instance, Memory } = WebAssembly;
  onTestFinished(() => {
    Object.assign(WebAssembly, { Instance, Memory });
  });
  WebAssembly.Memory = class extends Memory {
    constructor(descriptor: WebAssembly.MemoryDescriptor) {
      if (descriptor.shared && descriptor.maximum! > 1500) throw new RangeError('no address space');
      super(descriptor);
    }
  };
  WebAssembly.Instance = class {
    constructor() {
      throw new RangeError('could not instantiate');
    }
  } as unknown as typeof Instance;
  expect(await setThreads(2)).toBe(1);
  expect(backendInfo().threadsReason).toBe('could not instantiate');
  expect([...data]).toEqual([1, 2, 3]);
  expect([x.data.buffer, engine.memory.buffer].every((buffer) => buffer === data.buffer)).toBe(true);
  expect(isShared(engine.memory)).toBe(false);
  expect(engine.maximumPages).toBe(maximumPages);
});

describe('init()', () => {
  test('after threads ends them', async () => {
    await setThreads(3);
    tidy(() => void matmul(normalTensor([300, 300]), normalTensor([300, 300])));
    await init({ simd: 'baseline' });
    await until(() => workers.size === 0);
    expect(backendInfo()).toMatchObject({ simd: 'baseline', threads: 1, memory: { bytes: 0 } });
    expect(await setThreads(2)).toBe(2);
    expect(workers.size).toBe(1);
  });

  test('while threads end: nothing of the old memory is given back to the new one', async () => {
    for (let turns = 0; turns < 10; turns++) {
      await setThreads(2);
      const ending = setThreads(1);
      for (let i = 0; i < turns; i++) await null;
      await init();
      using _first = zeros([4]);
      const top = engine.top;
      expect(await ending).toBe(1);
      expect(engine.top).toBe(top);
      _first.dispose();
      await init();
    }
  });

  test.each([0, 1, 2].flatMap((turns) => [0, 1].map((tensors) => [turns, tensors] as const)))(
    '%i turns after a worker hung, and with %i tensors since: no others are started, or they end',
    async (turns, tensors) => {
      // It takes all work there is and does none.
      const code = `
      import { parentPort } from 'node:worker_threads';
      parentPort.once('message', ({ memory, control, worker }) => {
        const words = new Int32Array(memory.buffer, control, ${CONTROL_BYTES / 4});
        Atomics.store(words, ${STATES} + worker, ${STATE.awake});
        parentPort.postMessage('ready');
        for (;;) for (let i = 0; i < words[${SHARES}]; i++) Atomics.exchange(words, ${LEFT} + i * ${LINE}, 0);
      });`;
      const url = new URL(`data:text/javascript,${encodeURIComponent(code)}`);
      makeWorkers((_source, options) => new Worker(url, options));
      await setThreads(2);
      let made = 0;
      makeWorkers((source, options) => {
        made++;
        return new Worker(source, options);
      });
      const x = full([600, 600], 1);
      expect(() => {
        for (let i = 0; i < 1000; i++) matmul(x, x).dispose();
      }).toThrow(ThreadError);
      x.dispose();
      for (let i = 0; i < turns; i++) await null;
      await init();
      const since = Array.from({ length: tensors }, () => zeros([4]));
      for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
      if (turns < 2) expect(made).toBe(0);
      expect(backendInfo()).toMatchObject({ threads: 1, memory: { bytes: tensors * 2 ** 26 } });
      await setThreads(1); // when all that is under way has ended
      if (turns < 2) expect(made).toBe(0);
      expect(isShared(engine.memory)).toBe(false);
      for (const t of since) t.dispose();
    },
  );

  test('while a worker starts: its end is not told of those that init() left', async () => {
    const silent = new URL('data:text/javascript,setInterval(() => {}, 1000)');
    let made = 0;
    makeWorkers((_source, options) => {
      made++;
      return new Worker(silent, options);
    });
    const starting = setThreads(2);
    await until(() => made === 1);
    await init();
    const { threadsReason } = backendInfo();
    expect(threadsReason).toMatch(/^single-threaded/);
    expect(await starting).toBe(1);
    expect(backendInfo()).toMatchObject({ threads: 1, threadsReason });
    await until(() => workers.size === 0);
  });

  test.each([
    ['', init],
    [' on an engine that has started', ready],
  ])('while threads start%s: the kernels that run are those that init asked for', async (_where, before) => {
    for (let turns = 0; turns < 10; turns++) {
      await setThreads(1);
      await init();
      await before();
      const starting = setThreads(2);
      for (let i = 0; i < turns; i++) await null;
      const choosing = init({ simd: 'baseline' });
      using _first = zeros([4]); // starts the engine before the threads have their module
      await Promise.all([choosing, starting]);
      expect([engine.raw.variant(), backendInfo().simd]).toEqual([0, 'baseline']);
    }
  });

  test.each([
    ['', init],
    [' on an engine that has started', ready],
  ])('while threads start%s: they start on the new memory, or it has ended them', async (_where, first) => {
    idleWorkers();
    for (let turns = 0; turns < 12; turns++) {
      await setThreads(1);
      await init();
      await first();
      const starting = setThreads(2);
      for (let i = 0; i < turns; i++) await null;
      await init();
      await starting;
      expect(backendInfo().threadsReason).toMatch(/^(setThreads\(2\)$|single-threaded: )/);
      expect(engine.alone === Infinity).toBe(backendInfo().threads === 1);
    }
  });

  test('while threads start: whichever comes last, everything works', async () => {
    for (const delay of [0, 0, 1, 5, 20, 50]) {
      await ready();
      const starting = setThreads(2);
      if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay));
      await init();
      const n = await starting;
      // An init that came after the start has ended the threads again.
      expect([1, n]).toContain(backendInfo().threads);
      tidy(() => {
        // Sums of small integers, exact in any order.
        const [ones, twos] = [full([200, 300], 1), full([300, 100], 2)];
        expect(new Set(matmul(ones, twos).toTypedArray())).toEqual(new Set([600]));
      });
    }
  });
});
