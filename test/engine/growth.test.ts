import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { engine } from '../../src/engine/engine';
import { backendInfo, LayerBuffer, OutOfMemoryError, setDebug, sgemm, tensor, zeros } from '../../src/index';
import { resetDebug } from '../support/detach';
import { inFirefox } from '../support/engines';
import { expectError, live } from '../support/facade';

const MiB = 2 ** 20;

// A new memory for each test, with the same kernels.
beforeEach(() => engine.reset({ simd: engine.variant }));

describe('the first memory', () => {
  const held: LayerBuffer[] = [];

  function hold(bytes: number): void {
    const buffer = new LayerBuffer('test');
    buffer.get([bytes / 4]);
    held.push(buffer);
  }

  function release(): void {
    for (const buffer of held) buffer.dispose();
    held.length = 0;
  }

  afterEach(release);

  test('is 64 MiB after the first tensor, and backendInfo counts its bytes', () => {
    const before = live();
    const t = zeros([100]);
    expect(backendInfo().memory.bytes).toBe(64 * MiB);
    expect(live()).toBe(before + 400);
    t.dispose();
    expect(live()).toBe(before);
  });

  test('grows by doubling, and older tensors keep their values', () => {
    const t = tensor([1, 2, 3]);
    // The rest: all but the first page, the scratch, a line for t, and the 64 bytes that kernels may read behind a block.
    const scratch = 64 * Math.ceil(engine.packingBytes / 64);
    hold(64 * MiB - 65536 - scratch - 64 - 64);
    expect(backendInfo().memory.bytes).toBe(64 * MiB);
    hold(64);
    expect(backendInfo().memory.bytes).toBe(128 * MiB);
    release();
    const before = live();
    hold(70 * MiB);
    expect(backendInfo().memory.bytes).toBe(128 * MiB);
    expect(live()).toBe(before + 70 * MiB);
    hold(300 * MiB);
    // Doubling is not enough; what is free at the end counts.
    expect(backendInfo().memory.bytes).toBeGreaterThanOrEqual(370 * MiB);
    expect(t.toArray()).toEqual([1, 2, 3]);
    expect(Array.from(t.data)).toEqual([1, 2, 3]);
    t.dispose();
  });

  test('a view taken before a growth is empty after it, and data is fresh', () => {
    const t = tensor([1, 2, 3]);
    const view = t.data;
    hold(backendInfo().memory.bytes);
    expect(view.length).toBe(0);
    expect(Array.from(t.data)).toEqual([1, 2, 3]);
    t.dispose();
  });
});

// Here, where the memory is new, and not in sgemm.test.ts: they double it five times.
describe('sgemm, for which the memory grows', () => {
  test('what lies in it is found again where the copies of A and B make it grow', () => {
    const half = () => new Float32Array(backendInfo().memory.bytes / 8).fill(1);
    using t = tensor([0, 3, 4]);
    const [c, a, b] = [t.data.subarray(0, 1), t.data.subarray(1, 2), t.data.subarray(2)];
    const row = half();
    expect([...sgemm(1, 1, row.length, row, row, c)]).toEqual([row.length]);
    expect(c.length).toBe(0); // the memory has grown
    expect(t.toArray()).toEqual([row.length, 3, 4]);

    const longer = half();
    const result = sgemm(1, longer.length, 1, t.data.subarray(1, 2), longer, new Float32Array(longer.length));
    expect(a.length).toBe(0);
    expect(new Set(result)).toEqual(new Set([3]));

    const longest = half();
    const column = sgemm(longest.length, 1, 1, longest, t.data.subarray(2), new Float32Array(longest.length));
    expect(b.length).toBe(0);
    expect(new Set(column)).toEqual(new Set([4]));
  });

  test('so is a view of all of it, from its begin on', () => {
    using t = tensor([1, 2, 3]);
    const at = t.data.byteOffset / 4;
    const whole = () => new Float32Array(t.data.buffer);
    const half = () => new Float32Array(backendInfo().memory.bytes / 8).fill(1);
    const before = backendInfo().memory.bytes;
    const b = half();
    const c = sgemm(1, b.length, 1, whole(), b, new Float32Array(b.length), { aOffset: at + 2 });
    expect(backendInfo().memory.bytes).toBeGreaterThan(before);
    expect(new Set(c)).toEqual(new Set([3]));
    const row = half();
    const view = sgemm(1, 1, row.length, row, row, whole(), { cOffset: at + 1 });
    expect(view[at + 1]).toBe(row.length);
    expect(t.toArray()).toEqual([1, row.length, 3]);
  });
});

test.skipIf(inFirefox)('where the stack ends while the memory grows, what is there stays readable', () => {
  for (let padding = 0; padding < 100; padding++) {
    engine.reset({ simd: engine.variant });
    const t = tensor([1, 2, 3]);
    const bytes = engine.memory.buffer.byteLength;
    // In each of the frames from the end of the stack up, until the memory has grown.
    const dive = (...values: number[]): void => {
      try {
        dive(...values);
      } catch {}
      if (engine.memory.buffer.byteLength !== bytes) return;
      try {
        engine.allocate(bytes, 'test');
      } catch {}
    };
    dive(...new Array<number>(padding).fill(0));
    expect(engine.memory.buffer.byteLength).toBeGreaterThan(bytes);
    expect(t.toArray()).toEqual([1, 2, 3]);
    t.dispose();
  }
});

test('a call that was stopped from outside while the memory grew: the next one finds the memory as it is', () => {
  const t = tensor([1, 2, 3]);
  const before = engine.memory.buffer.byteLength;
  engine.memory.grow(16); // and no more, as where node:vm or a REPL ends a call
  expect(engine.f32).toHaveLength(0);
  const u = tensor([4, 5]);
  expect([...t.toTypedArray(), ...u.toTypedArray()]).toEqual([1, 2, 3, 4, 5]);
  const large = zeros([(before - engine.top + 2 ** 19) / 4]);
  expect(engine.memory.buffer.byteLength).toBe(before + 2 ** 20); // what it grew by is in use
  for (const each of [t, u, large]) each.dispose();
});

test('the memory grows to the last page that it may have, and no further', () => {
  engine.reset({});
  using t = tensor([1, 2, 3]);
  const { maximumPages, memory, top } = engine;
  const before = memory.buffer.byteLength;
  const fits = before - 64 - top + 2 * 65536; // what is free, and two pages more
  engine.maximumPages = before / 65536 + 2;
  try {
    expectError(() => zeros([fits / 4 + 1]), OutOfMemoryError, 'zeros: out of memory');
    using last = zeros([fits / 4]);
    expect(last.size).toBe(fits / 4);
    expect(memory.buffer.byteLength).toBe(before + 2 * 65536);
    expect(t.toArray()).toEqual([1, 2, 3]);
  } finally {
    engine.maximumPages = maximumPages;
  }
});

test('a host without room for the first memory: an OutOfMemoryError, and the next call works', () => {
  const refused = vi.spyOn(WebAssembly, 'Memory').mockImplementation(
    class {
      constructor() {
        throw new RangeError('WebAssembly.Memory(): could not allocate memory');
      }
    } as never,
  );
  expectError(() => tensor([1]), OutOfMemoryError, 'simdgrad: no address space');
  refused.mockRestore();
  const t = tensor([1]);
  expect(t.item()).toBe(1);
  t.dispose();
});

describe('setDebug({detachViews: true})', () => {
  afterEach(resetDebug);

  test('detaches held views where scratch grows', () => {
    const t = tensor([1, 2, 3]);
    setDebug({ detachViews: true });
    const view = t.data;
    const size = 2 ** 20;
    sgemm(1, 1, size, new Float32Array(size), new Float32Array(size), new Float32Array(1));
    expect(view.length).toBe(0);
    expect(t.toArray()).toEqual([1, 2, 3]);
    t.dispose();
  });
});
