import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { argmax } from '../reference/argmax';
import { LENGTHS } from '../support/lengths';
import { quarters } from '../support/ranges';
import { generator, hardFloats, normal } from '../support/seeds';
import { expectSameBits } from '../support/ulp';
import { variants } from '../support/variants';

const INNER = [1, 2, 3, 4, 5, 10, 16, 17, 50];

describe.each(variants)('argmax, %s', (_name, { wasm, memory }) => {
  function run(x: Float32Array, outer: number, axis: number, inner: number): Int32Array {
    memory.reset();
    const px = memory.put(x);
    const y = memory.out(outer * inner);
    wasm.argmax_reduce(y, px, outer, axis, inner, inner);
    memory.checkGuards();
    return memory.i32(y, outer * inner);
  }

  function check(x: Float32Array, outer: number, axis: number, inner: number): void {
    expectSameBits(run(x, outer, axis, inner), argmax(x, outer, axis, inner));
  }

  test.each(LENGTHS.filter((n) => n > 0))('argmax_reduce is exact over an axis of %i', (axis) => {
    for (const inner of INNER) {
      check(hardFloats(3 * axis * inner, { seed: axis + inner }), 3, axis, inner);
      check(normal(axis * inner, { seed: axis - inner, mean: -50 }), 1, axis, inner);
    }
  });

  test('any shape is exact, with many ties', () => {
    const size = fc.integer({ min: 1, max: 70 });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4 }), size, size, fc.boolean(), fc.nat(), (o, a, i, hard, seed) => {
        const x = hard ? hardFloats(o * a * i, { seed }) : normal(o * a * i, { seed });
        check(hard ? x : x.map(Math.round), o, a, i);
      }),
      { numRuns: 200 },
    );
  });

  test.each([
    [[1, NaN, 2], 1],
    [[NaN, 1, NaN], 0],
    [[Infinity, NaN, NaN], 1],
    [[3, 3, 1], 0],
    [[-0, 0], 0],
    [[-Infinity, -Infinity, -Infinity], 0],
    [[1, 2, 3, 4, 5, 9, 9], 5],
  ])('argmax(%j) is %i, along a row and along a column', (values, index) => {
    for (const inner of [1, 3, 5]) {
      const x = Float32Array.from({ length: values.length * inner }, (_, at) => values[Math.floor(at / inner)]!);
      expect([...run(x, 1, values.length, inner)]).toEqual(new Array(inner).fill(index));
    }
  });

  test('the greatest, and the first NaN, is found at every place of a row of more than one block', () => {
    const n = 2100;
    const x = normal(n, { seed: 1 });
    for (const at of [0, 1, 3, 4, 1020, 1023, 1024, 1027, 2047, 2048, 2096, 2098, 2099]) {
      for (const odd of [100, NaN]) {
        const y = x.slice();
        y[at] = odd;
        y[n - 1] = odd;
        expect([...run(y, 1, n, 1)]).toEqual([at]);
      }
    }
  });

  test('ranges of outer and of inner give the indices of the whole', () => {
    const next = generator(5);
    for (let trial = 0; trial < 100; trial++) {
      const [outer, axis, inner] = [
        1 + Math.floor(next() * 4),
        1 + Math.floor(next() * 50),
        INNER[trial % INNER.length]!,
      ];
      const x = hardFloats(outer * axis * inner, { seed: trial });
      const whole = run(x, outer, axis, inner);
      const px = memory.put(x);
      const y = memory.out(outer * inner);
      for (const [o0, o1, i0, i1] of quarters(next, outer, inner)) {
        const from = px + 4 * (o0 * axis * inner + i0);
        wasm.argmax_reduce(y + 4 * (o0 * inner + i0), from, o1 - o0, axis, i1 - i0, inner);
      }
      expectSameBits(memory.i32(y, outer * inner), whole);
      memory.checkGuards();
    }
  });

  test('no more than 12 bytes behind the last row are read: it may end 64 bytes before the memory', () => {
    for (let n = 1; n < 40; n++) {
      memory.reset();
      const y = memory.out(1);
      const view = new Float32Array(memory.memory.buffer, 0, memory.memory.buffer.byteLength / 4 - 3);
      view.fill(0, view.length - n);
      view[view.length - 1] = 1;
      wasm.argmax_reduce(y, view.byteLength - 4 * n, 1, n, 1, 1);
      expect(memory.i32(y, 1)[0]).toBe(n - 1);
    }
  });
});
