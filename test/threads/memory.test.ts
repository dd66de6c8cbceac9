import threads from 'node:worker_threads';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
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
  tensor,
  tidy,
  zeros,
} from '../../src/index';
import { setThreads } from '../../src/threads/index';
import { isShared } from '../../src/threads/memory';
import type { Simd } from '../../src/wasm/simd';
import { expectError, live, normalTensor } from '../support/facade';
import { variants } from '../support/variants';
import { until, workers } from '../support/workers';

// Each test begins with an engine that has no memory yet.
beforeEach(async () => {
  await setThreads(1);
  expect(live()).toBe(0);
  await init();
  expect(backendInfo().memory.bytes).toBe(0);
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
  await setThreads(1);
  await setThreads(3);
  expect(x.data.buffer === data.buffer).toBe(true);
  x.set([4, 5, 6]);
  expect([...data]).toEqual([4, 5, 6]);
});

test.each(variants.map(([simd]) => simd))('%s kernels that ran before the threads run with them', async (simd) => {
  await init({ simd: simd as Simd });
  using _first = zeros([1]);
  await setThreads(2);
  expect([engine.raw.variant(), backendInfo().simd]).toEqual([Number(simd === 'relaxed'), simd]);
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
  const { Worker } = threads;
  onTestFinished(() => {
    threads.Worker = Worker;
  });
  const sums: number[] = [];
  threads.Worker = class {
    constructor() {
      sums.push(sum());
      throw new Error('no worker');
    }
  } as never;
  expect(await setThreads(2)).toBe(1);
  expect(x.data.buffer).toBeInstanceOf(SharedArrayBuffer);
  sums.push(sum());
  expect(sums.map((s) => s.toFixed(5))).toEqual(['1.00000', '1.00000']);
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

  test('while threads start: the kernels that run are those that init asked for', async () => {
    for (let turns = 0; turns < 10; turns++) {
      await setThreads(1);
      await init();
      const starting = setThreads(2);
      for (let i = 0; i < turns; i++) await null;
      const choosing = init({ simd: 'baseline' });
      using _first = zeros([4]); // starts the engine before the threads have their module
      await Promise.all([choosing, starting]);
      expect([engine.raw.variant(), backendInfo().simd]).toEqual([0, 'baseline']);
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
