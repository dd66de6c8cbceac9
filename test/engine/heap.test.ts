import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Heap } from '../../src/engine/heap';
import { inFirefox } from '../support/engines';

const BASE = 65536;
const MiB = 2 ** 20;

/** What a heap must be, without any cleverness: a list of blocks in use. */
class Model {
  readonly blocks = new Map<number, number>();

  /** The longest run of free bytes in base … end. */
  longestGap(base: number, end: number): number {
    let longest = 0;
    let at = base;
    for (const [start, bytes] of [...this.blocks].sort(([a], [b]) => a - b)) {
      longest = Math.max(longest, start - at);
      at = start + bytes;
    }
    return Math.max(longest, end - at);
  }

  add(start: number, bytes: number): void {
    for (const [other, length] of this.blocks) {
      if (start < other + length && other < start + bytes) throw new Error(`${start} overlaps the block at ${other}`);
    }
    this.blocks.set(start, bytes);
  }
}

type Step = { allocate: number } | { release: number } | { extend: number };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.record({ allocate: fc.oneof(fc.nat(300), fc.nat(20_000), fc.nat(MiB)) }) },
    { weight: 4, arbitrary: fc.record({ release: fc.nat() }) },
    { weight: 1, arbitrary: fc.record({ extend: fc.nat(8) }) },
  ),
  { minLength: 1, maxLength: 200 },
);

describe('Heap', () => {
  // First, while V8 has not inlined one function into another: then the stack ends between them.
  test.skipIf(inFirefox)('a stack that ends in the middle of a call: no other error, and no later call fails', () => {
    let wrong: unknown;
    for (let frame = 0; frame < 3000; frame++) {
      const heap = new Heap(BASE, BASE + 2000 * 64);
      const waiting = Array.from({ length: 60 }, () => heap.allocate(128));
      for (const start of waiting) heap.release(start);
      // The larger its frames, the more places at which the stack ends; the last 60 frames that can be try a call.
      const dive = (...frame: number[]): number => {
        let left = 60;
        try {
          left = dive(...frame);
        } catch {}
        if (left > 0) {
          try {
            heap.allocate(106_666);
          } catch (error) {
            if (!(error instanceof RangeError)) wrong = error; // no call: there may be no stack for it
          }
        }
        return left - 1;
      };
      dive(...new Array(frame % 170).fill(0));
      const model = new Model();
      try {
        for (let i = 0, start = 0; i < 200 && start >= 0; i++) {
          const bytes = [64, 128, 256][i % 3]!;
          start = heap.allocate(bytes);
          if (start >= 0) model.add(start, bytes);
        }
      } catch (error) {
        wrong = error;
      }
    }
    expect(wrong).toBeUndefined();
  });

  test('any order of allocate, release and extend: no overlap, 64-byte alignment, and -1 only where nothing fits', () => {
    fc.assert(
      fc.property(steps, (script) => {
        const model = new Model();
        let end = BASE + MiB;
        const heap = new Heap(BASE, end);
        for (const step of script) {
          if ('extend' in step) {
            end += step.extend * 65536;
            heap.extend(end);
          } else if ('allocate' in step) {
            const bytes = Heap.rounded(step.allocate);
            const start = heap.allocate(step.allocate);
            if (start < 0) {
              expect(model.longestGap(BASE, end)).toBeLessThan(bytes);
            } else {
              expect(start % 64).toBe(0);
              expect(start).toBeGreaterThanOrEqual(BASE);
              expect(start + bytes).toBeLessThanOrEqual(end);
              model.add(start, bytes);
            }
          } else if (model.blocks.size > 0) {
            const start = [...model.blocks.keys()][step.release % model.blocks.size];
            heap.release(start);
            model.blocks.delete(start);
          }
        }
        // Free neighbours are one block: with everything released, the whole range can be had at once.
        for (const start of model.blocks.keys()) heap.release(start);
        expect(heap.allocate(end - BASE)).toBe(BASE);
      }),
      { numRuns: 300 },
    );
  });

  test('no line is lost: not the one that a block leaves of a free one, and none is had behind the end', () => {
    const heap = new Heap(BASE, BASE + 190); // two lines, and most of a third
    expect([heap.allocate(64), heap.allocate(64), heap.allocate(1)]).toEqual([BASE, BASE + 64, -1]);
    for (const start of [BASE, BASE + 64]) heap.release(start);
    expect(heap.allocate(128)).toBe(BASE);
  });

  test('missing() counts the free block at the end', () => {
    const heap = new Heap(BASE, BASE + MiB);
    const first = heap.allocate(MiB / 2);
    expect(first).toBe(BASE);
    expect(heap.missing(MiB)).toBe(MiB / 2);
    heap.extend(BASE + MiB + heap.missing(MiB));
    expect(heap.allocate(MiB)).toBe(BASE + MiB / 2);
    expect(heap.missing(64)).toBe(64);
  });

  test('addresses above 2^31 and up to 2^32 stay positive and exact', () => {
    const end = 65535 * 65536;
    const heap = new Heap(BASE, end);
    const big = heap.allocate(2 ** 31);
    const next = heap.allocate(2 ** 30);
    expect(big).toBe(BASE);
    expect(next).toBe(BASE + 2 ** 31);
    const rest = end - next - 2 ** 30;
    expect(heap.allocate(rest)).toBe(next + 2 ** 30);
    expect(heap.allocate(1)).toBe(-1);
    heap.release(next);
    expect(heap.allocate(2 ** 30 - 64)).toBe(next);
  });

  test.each([2 ** 32, 2 ** 35, 2 ** 38, 2 ** 38 + 128, 2 ** 53])('%d bytes are never found', (bytes) => {
    const heap = new Heap(BASE, BASE + 64 * MiB);
    expect(heap.allocate(bytes)).toBe(-1);
    expect(heap.missing(bytes)).toBeGreaterThan(2 ** 31);
    expect(heap.allocate(64)).toBe(BASE);
  });

  test('a block that the first tries of a bin pass over is found at last', () => {
    // One bin holds blocks of 64 … 79 lines; only the oldest-but-many has the 79 that are asked for.
    const heap = new Heap(0, 64 * MiB);
    const small = Array.from({ length: 40 }, () => [heap.allocate(65 * 64), heap.allocate(64)]);
    const large = heap.allocate(79 * 64);
    heap.allocate(64);
    heap.allocate(64 * MiB - (large + 80 * 64)); // nothing is left behind them
    for (const [start] of small) heap.release(start);
    heap.release(large);
    expect(heap.top).toBe(64 * MiB); // looks at the free lists, so no block waits any more
    expect(heap.allocate(79 * 64)).toBe(large);
  });

  test('no more than 1 MiB waits: what is given back beyond that can be had as one block', () => {
    const heap = new Heap(BASE, BASE + 64 * MiB);
    const blocks = Array.from({ length: 200 }, () => heap.allocate(16384));
    for (const start of blocks) heap.release(start);
    expect(heap.allocate(1.5 * MiB)).toBe(blocks[64]);
  });

  test('however many blocks have waited, and been merged or not, the next one does: the last is taken first', () => {
    const heap = new Heap(BASE, BASE + 64 * MiB);
    const [first, , second] = [heap.allocate(128), heap.allocate(64), heap.allocate(128), heap.allocate(64)];
    const lastOfTwo = () => {
      for (const start of [first, second]) heap.release(start);
      const taken = [heap.allocate(128), heap.allocate(128)];
      return taken[0];
    };
    for (let i = 0; i < 200; i++) heap.release(heap.allocate(16384));
    expect(lastOfTwo()).toBe(second);
    for (const start of Array.from({ length: 64 }, () => heap.allocate(16384))) heap.release(start);
    expect(heap.top).toBe(second + 128 + 64); // merges them
    expect(lastOfTwo()).toBe(second);
  });

  test('release of what was never handed out throws', () => {
    const heap = new Heap(BASE, BASE + MiB);
    expect(() => heap.release(BASE)).toThrow('no block');
    // A small one, which waits, and a large one, which is merged with what is free.
    for (const bytes of [64, 2 ** 16]) {
      const start = heap.allocate(bytes);
      heap.release(start);
      expect(() => heap.release(start)).toThrow('no block');
    }
  });
});
