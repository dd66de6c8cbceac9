import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as reference from '../reference/max';
import { LENGTHS } from '../support/lengths';
import { quarters } from '../support/ranges';
import { generator, hardFloats, normal } from '../support/seeds';
import { expectSameBits } from '../support/ulp';
import { variants } from '../support/variants';

const INNER = [1, 2, 3, 4, 5, 10, 16, 17, 50];

describe.each(variants)('max, %s', (_name, { wasm, memory }) => {
  function run(name: 'max' | 'min', x: Float32Array, outer: number, axis: number, inner: number): Float32Array {
    memory.reset();
    const px = memory.put(x);
    const y = memory.out(outer * inner);
    wasm[`${name}_reduce`](y, px, outer, axis, inner, inner);
    memory.checkGuards();
    return memory.f32(y, outer * inner);
  }

  function check(x: Float32Array, outer: number, axis: number, inner: number): void {
    expectSameBits(run('max', x, outer, axis, inner), Float32Array.from(reference.max(x, outer, axis, inner)));
    expectSameBits(run('min', x, outer, axis, inner), Float32Array.from(reference.min(x, outer, axis, inner)));
  }

  test.each(LENGTHS.filter((n) => n > 0))('max_reduce and min_reduce are exact over an axis of %i', (axis) => {
    for (const inner of INNER) {
      check(hardFloats(3 * axis * inner, { seed: axis + inner }), 3, axis, inner);
      check(normal(axis * inner, { seed: axis - inner, mean: -50 }), 1, axis, inner);
    }
  });

  test('any shape is exact', () => {
    const size = fc.integer({ min: 1, max: 70 });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4 }), size, size, fc.boolean(), fc.nat(), (o, a, i, hard, seed) => {
        check(hard ? hardFloats(o * a * i, { seed }) : normal(o * a * i, { seed }), o, a, i);
      }),
      { numRuns: 200 },
    );
  });

  test('a NaN, a zero of either sign or an infinity counts at every place of the axis', () => {
    for (const inner of [1, 3, 16]) {
      for (const axis of [1, 2, 3, 4, 5, 15, 16, 17, 37]) {
        for (const [others, odd] of [
          [1, NaN],
          [-Infinity, NaN],
          [-0, 0],
          [0, -0],
          [-0, -1],
          [-1, 0],
          [-1, -0],
          [0, 1],
          [-Infinity, -3e38],
          [Infinity, 3e38],
        ] as const) {
          for (let at = 0; at < axis; at++) {
            const x = new Float32Array(axis * inner).fill(others);
            x[at * inner + (inner >> 1)] = odd;
            check(x, 1, axis, inner);
          }
        }
      }
    }
  });

  test('ranges of outer and of inner give the bits of the whole', () => {
    const next = generator(5);
    for (let trial = 0; trial < 100; trial++) {
      const [outer, axis, inner] = [
        1 + Math.floor(next() * 4),
        1 + Math.floor(next() * 50),
        INNER[trial % INNER.length]!,
      ];
      const x = hardFloats(outer * axis * inner, { seed: trial });
      const whole = run('max', x, outer, axis, inner);
      const px = memory.put(x);
      const y = memory.out(outer * inner);
      for (const [o0, o1, i0, i1] of quarters(next, outer, inner)) {
        const from = px + 4 * (o0 * axis * inner + i0);
        wasm.max_reduce(y + 4 * (o0 * inner + i0), from, o1 - o0, axis, i1 - i0, inner);
      }
      expectSameBits(memory.f32(y, outer * inner), whole);
      memory.checkGuards();
    }
  });

  test('no more than 12 bytes behind x and y are read: either may end so far before the memory', () => {
    const end = memory.memory.buffer.byteLength - 12;
    for (const axis of [1, 2, 17, 18, 40]) {
      for (let inner = 1; inner < 10; inner++) {
        const values = normal(axis * inner, { seed: axis + inner });
        const wanted = run('max', values, 1, axis, inner);
        for (const last of ['x', 'y']) {
          memory.reset();
          const x = last === 'x' ? end - 4 * axis * inner : memory.out(axis * inner);
          const y = last === 'y' ? end - 4 * inner : memory.out(inner);
          new Float32Array(memory.memory.buffer, x, axis * inner).set(values);
          wasm.max_reduce(y, x, 1, axis, inner, inner);
          expect(memory.f32(y, inner), `[${axis}, ${inner}], ${last} last`).toEqual(wanted);
        }
      }
    }
  });
});
