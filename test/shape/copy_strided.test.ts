import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { copyStrided } from '../reference/copy_strided';
import { LENGTHS } from '../support/lengths';
import { normal } from '../support/seeds';
import { expectSameBits } from '../support/ulp';
import { variants } from '../support/variants';

describe.each(variants)('copy_strided, %s', (_name, { wasm, memory }) => {
  function check(length: number, count: number, yGap: number, xGap: number): void {
    memory.reset();
    const [ys, xs] = [length + yGap, length + xGap];
    const x = normal(count ? (count - 1) * xs + length : 0, { seed: 1 });
    const expected = normal(count ? (count - 1) * ys + length : 0, { seed: 2 });
    const px = memory.put(x);
    const y = memory.put(expected);
    wasm.copy_strided(y, ys, px, xs, length, count);
    copyStrided(expected, ys, x, xs, length, count);
    expectSameBits(memory.f32(y, expected.length), expected);
    memory.checkGuards();
  }

  test.each(LENGTHS)('copies runs of %i, and leaves the gaps alone', (length) => {
    check(length, 4, 3, 0);
    check(length, 4, 0, 5);
  });

  test('targets at and about a whole number of pages from their sources', () => {
    const distances = new Set<number>();
    for (let between = 2800; between < 3500; between += 4) {
      memory.reset();
      const x = normal(131, { seed: 1 });
      const px = memory.put(x);
      memory.alloc(between);
      const y = memory.out(x.length);
      wasm.copy_strided(y, 0, px, 0, x.length, 1);
      expectSameBits(memory.f32(y, x.length), x);
      memory.checkGuards();
      distances.add((y - px) % 4096);
    }
    for (const distance of [4092, 0, 4, 28, 32]) expect(distances).toContain(distance);
  });

  test('any runs and gaps', () => {
    const gap = fc.integer({ min: 0, max: 20 });
    fc.assert(fc.property(fc.integer({ min: 0, max: 150 }), fc.integer({ min: 0, max: 9 }), gap, gap, check), {
      numRuns: 200,
    });
  });
});
