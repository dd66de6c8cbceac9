import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as reference from '../reference/gather';
import { LENGTHS } from '../support/lengths';
import { generator, normal } from '../support/seeds';
import { expectSameBits } from '../support/ulp';
import { variants } from '../support/variants';

describe.each(variants)('gather, %s', (_name, { wasm, memory }) => {
  function check(outer: number, axis: number, inner: number, indices: Int32Array): void {
    memory.reset();
    const x = normal(outer * axis * inner, { seed: inner });
    const px = memory.put(x);
    const pi = memory.put(indices);
    const n = outer * indices.length * inner;
    const y = memory.out(n);
    wasm.gather(y, px, pi, indices.length, outer, axis, inner);
    expectSameBits(memory.f32(y, n), reference.gather(x, indices, outer, axis, inner));
    memory.checkGuards();
  }

  test.each(LENGTHS)('takes rows of %i elements, repeated and out of order', (inner) => {
    check(1, 5, inner, Int32Array.of(4, 0, 4, 2, 1, 1));
    check(3, 5, inner, Int32Array.of(3, 4));
  });

  test('indices of more than 16 bits', () => check(1, 70_000, 1, Int32Array.of(69_999, 0, 65_536)));

  test('any shape, any indices', () => {
    const size = fc.integer({ min: 1, max: 20 });
    fc.assert(
      fc.property(size, size, fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 30 }), (o, a, i, count) => {
        const next = generator(count);
        check(
          o,
          a,
          i,
          Int32Array.from({ length: count }, () => next() * a),
        );
      }),
      { numRuns: 200 },
    );
  });

  test('every bit of a NaN stays', () => {
    memory.reset();
    const x = memory.put(Int32Array.of(0x7f800001, -1, 0x7fc12345));
    const indices = memory.put(Int32Array.of(2, 1, 0));
    const y = memory.out(3);
    wasm.gather(y, x, indices, 3, 1, 3, 1);
    expect([...memory.i32(y, 3)]).toEqual([0x7fc12345, -1, 0x7f800001]);
  });
});
