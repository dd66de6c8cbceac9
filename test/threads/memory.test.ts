import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { engine } from '../../src/engine/engine';
import { backendInfo, full, init, matmul, OutOfMemoryError, ready, relu, tensor, tidy, zeros } from '../../src/index';
import { setThreads } from '../../src/threads/index';
import { expectError, live, normalTensor } from '../support/facade';
import { workers } from '../support/workers';

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
  /** A host that refuses memories that may grow beyond `pages`. */
  function host(pages: number): void {
    const { Memory } = WebAssembly;
    WebAssembly.Memory = class {
      constructor(descriptor: WebAssembly.MemoryDescriptor) {
        if (descriptor.shared && descriptor.maximum! > pages) throw new RangeError('could not allocate memory');
        // biome-ignore lint/correctness/noConstructorReturn: what `new` gives is the point
        return new Memory(descriptor);
      }
    } as typeof Memory;
    onTestFinished(() => {
      WebAssembly.Memory = Memory;
    });
  }

  test('is halved until the host grants it, and is then what an OutOfMemoryError names', async () => {
    host(5000);
    expect(await setThreads(2)).toBe(2);
    using half = zeros([4095 * 8192]);
    expect(half.size).toBe(4095 * 8192);
    expectError(() => zeros([4095 * 16384]), OutOfMemoryError, /can grow to 268369920 at most/);
    using small = tensor([1]);
    expect(small.item()).toBe(1);
  });

  test('where not even what is in use is granted, it stays on one thread, and nothing is lost', async () => {
    host(10);
    using x = tensor([1, 2, 3]);
    const { data } = x;
    expect(await setThreads(2)).toBe(1);
    expect(backendInfo().threadsReason).toBe('could not allocate memory');
    expect([...data]).toEqual([1, 2, 3]);
    expect(workers.size).toBe(0);
  });
});

describe('init()', () => {
  test('after threads ends them', async () => {
    await setThreads(3);
    tidy(() => void matmul(normalTensor([300, 300]), normalTensor([300, 300])));
    await init({ simd: 'baseline' });
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
