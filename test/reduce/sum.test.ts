import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as reference from '../reference/sum';
import { LENGTHS } from '../support/lengths';
import { quarters } from '../support/ranges';
import { generator, hardFloats, normal } from '../support/seeds';
import { expectSameBits, expectWithinUlp } from '../support/ulp';
import { variants } from '../support/variants';

const CHUNK = 16384;
const U = 2 ** -24;
/** Bytes for the totals of a strip of columns. */
const SCRATCH = 16384;
const INNER = [1, 2, 3, 4, 5, 8, 10, 15, 16, 17, 21, 50];

/** The bound of the kernel's docstring, element by element; NaN and Inf where the exact sum has them. */
function expectWithinBound(y: Float32Array, x: Float32Array, o: number, a: number, i: number, divisor: number): void {
  const exact = reference.sum(x, o, a, i, divisor);
  const magnitude = reference.sum(x.map(Math.abs), o, a, i, divisor);
  expect(y.length).toBe(exact.length);
  for (let at = 0; at < exact.length; at++) {
    const bound = (41 * magnitude[at]! + Math.abs(exact[at]!)) * U * 1.00001 + 2 ** -150;
    const same = Object.is(y[at], exact[at]) || Math.abs(y[at]! - exact[at]!) <= bound;
    if (!same) expect.fail(`[${o}, ${a}, ${i}] element ${at}: got ${y[at]}, exact ${exact[at]}, bound ${bound}`);
  }
}

/** Hard values, but without the largest float: two of them overflow a float32 block by right. */
function summands(n: number, seed: number): Float32Array {
  return hardFloats(n, { seed }).map((v) => (Math.abs(v) > 3e38 && Number.isFinite(v) ? 3e30 : v));
}

describe.each(variants)('sum, %s', (_name, { wasm, memory }) => {
  function run(x: Float32Array, outer: number, axis: number, inner: number, divisor = 1): Float32Array {
    memory.reset();
    const px = memory.put(x);
    const y = memory.out(outer * inner);
    wasm.sum_reduce(y, px, outer, axis, inner, inner, divisor, 0, memory.alloc(SCRATCH));
    memory.checkGuards();
    return memory.f32(y, outer * inner);
  }

  test.each(LENGTHS)('sum_reduce keeps its bound over an axis of %i, with NaN and Inf among the values', (axis) => {
    for (const inner of INNER) {
      for (const outer of [0, 1, 3, 6]) {
        const x = summands(outer * axis * inner, axis + inner);
        expectWithinBound(run(x, outer, axis, inner), x, outer, axis, inner, 1);
      }
    }
  });

  test('rows of any number have the bits of each by itself, and no more than 12 bytes behind x and y are read', () => {
    const end = memory.memory.buffer.byteLength - 12;
    for (let axis = 1; axis < 18; axis++) {
      for (let outer = 1; outer < 10; outer++) {
        const values = summands(outer * axis, axis + outer);
        const wanted = Float32Array.from({ length: outer }, (_, o) => {
          return 0.5 + run(values.slice(o * axis, (o + 1) * axis), 1, axis, 1, axis)[0]!;
        });
        for (const last of ['x', 'y']) {
          memory.reset();
          const x = last === 'x' ? end - 4 * outer * axis : memory.out(outer * axis);
          const y = last === 'y' ? end - 4 * outer : memory.out(outer);
          new Float32Array(memory.memory.buffer, x, outer * axis).set(values);
          new Float32Array(memory.memory.buffer, y, outer).fill(0.5);
          wasm.sum_reduce(y, x, outer, axis, 1, 1, axis, 1, memory.alloc(SCRATCH));
          memory.checkGuards();
          expectSameBits(memory.f32(y, outer), wanted);
        }
      }
    }
  });

  test('sums of integers are exact as long as those of each block of 256 are under 2²⁴', () => {
    for (const [outer, axis, inner] of [
      [1, 5000, 1],
      [2, 1000, 5],
      [1, 256, 3],
    ] as const) {
      const x = new Float32Array(outer * axis * inner).map((_, i) => 65535 - (i % 3));
      expect(run(x, outer, axis, inner)).toEqual(Float32Array.from(reference.sum(x, outer, axis, inner, 1)));
    }
  });

  test('sum_reduce keeps its bound for any shape, as a mean too', () => {
    const size = fc.integer({ min: 0, max: 150 });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9 }), size, fc.integer({ min: 1, max: 40 }), fc.nat(), (o, a, i, seed) => {
        const x = normal(o * a * i, { seed, std: 1e3 });
        expectWithinBound(run(x, o, a, i, a), x, o, a, i, a);
      }),
      { numRuns: 200 },
    );
  });

  test.each([255, 256, 2047, 2048, 2049, 4103])(
    '%i columns, in blocks of their long rows and in strips, keep the bound',
    (inner) => {
      for (const [axis, divisor] of [
        [2, 2],
        [257, 1],
        [271, 271],
      ] as const) {
        const x = summands(axis * inner, axis + inner);
        expectWithinBound(run(x, 1, axis, inner, divisor), x, 1, axis, inner, divisor);
      }
    },
  );

  test('the scratch of products has room for the totals', () => {
    expect(wasm.gemm_scratch_bytes()).toBeGreaterThanOrEqual(SCRATCH);
  });

  test.each([1, 2, 3, 16, 50])('sums that cancel keep the bound (inner = %i)', (inner) => {
    for (const axis of [62, 63, 64, 255, 256, 257, 319, 20000, 100_003]) {
      const x = normal(axis * inner, { seed: axis, std: 1 });
      for (let at = 0; at + inner < x.length; at += 2 * inner) {
        for (let i = 0; i < inner; i++) x[at + inner + i] = 1e-4 * x[at + inner + i]! - 1e4 * x[at + i]!;
        for (let i = 0; i < inner; i++) x[at + i]! *= 1e4;
      }
      expectWithinBound(run(x, 1, axis, inner), x, 1, axis, inner, 1);
    }
  });

  // Rows from 16 and from 256 elements on are added in other ways than shorter ones.
  test.each([1, 2, 3, 4, 8, 10, 16, 256])('small values beside a large one keep the bound (inner = %i)', (inner) => {
    // What is added to 2^24 is 1 at a time in a tree of 2, 4 or 8, and lost each time: the worst that a chain can do.
    for (const small of [1, 0.5, 0.25, 0.125]) {
      for (const axis of [64, 255, 256, 257, 512, 4096, ...(inner < 256 ? [CHUNK] : [])]) {
        const x = new Float32Array(axis * inner).fill(small);
        x.fill(2 ** 24, 0, inner);
        expectWithinBound(run(x, 1, axis, inner), x, 1, axis, inner, 1);
      }
    }
  });

  test('small integers add exactly, whatever the shape', () => {
    const next = generator(3);
    for (const [outer, axis, inner] of [
      [1, 100_000, 1],
      [3, 5_000, 7],
      [1, 30_000, 19],
      [50, 31, 1],
    ] as const) {
      const x = Float32Array.from({ length: outer * axis * inner }, () => Math.floor(next() * 2001) - 1000);
      expectSameBits(
        run(x, outer, axis, inner),
        Float32Array.from(reference.sum(x, outer, axis, inner), (v) => v + 0),
      );
    }
  });

  test('ones of length 2^24 + 16 add exactly, along a row and along axis 0', () => {
    const n = 2 ** 24 + 16;
    for (const inner of [1, 2]) {
      memory.reset();
      const x = memory.put(new Float32Array(n * inner).fill(1));
      const y = memory.out(inner);
      wasm.sum_reduce(y, x, 1, n, inner, inner, 1, 0, memory.alloc(SCRATCH));
      expectSameBits(memory.f32(y, inner), new Float32Array(inner).fill(16777232));
    }
  });

  test('an empty axis gives 0, its mean NaN', () => {
    for (const inner of INNER) {
      expectSameBits(run(new Float32Array(0), 2, 0, inner, 1), new Float32Array(2 * inner));
      expectSameBits(run(new Float32Array(0), 2, 0, inner, 0), new Float32Array(2 * inner).fill(NaN));
    }
  });

  test('accumulate adds to y', () => {
    for (const inner of INNER) {
      for (const [axis, divisor] of [
        [0, 1],
        [70, 1],
        [70, 70],
        [300, 1],
      ] as const) {
        const x = normal(2 * axis * inner, { seed: inner });
        const before = normal(2 * inner, { seed: inner + 1 });
        memory.reset();
        const px = memory.put(x);
        const y = memory.put(before);
        wasm.sum_reduce(y, px, 2, axis, inner, inner, divisor, 1, memory.alloc(SCRATCH));
        const exact = reference.sum(x, 2, axis, inner, divisor).map((v, at) => v + before[at]!);
        const magnitude = reference.sum(x.map(Math.abs), 2, axis, inner, divisor);
        const error = memory.f32(y, 2 * inner).map((v, at) => Math.abs(v - exact[at]!));
        const bound = magnitude.map((v, at) => (41 * (v + Math.abs(before[at]!)) + Math.abs(exact[at]!)) * U);
        expect(error.findIndex((e, at) => !(e <= bound[at]!))).toBe(-1);
        memory.checkGuards();
      }
    }
  });

  test('ranges of outer and of inner give the bits of the whole', () => {
    const next = generator(11);
    for (let trial = 0; trial < 150; trial++) {
      const [outer, axis, inner] = [
        1 + Math.floor(next() * 4),
        1 + Math.floor(next() * 400),
        // Now and then long rows, of which a range may be short, and more than a strip.
        trial % 5 ? INNER[trial % INNER.length]! : (trial % 10 ? 256 : 2040) + Math.floor(next() * 30),
      ];
      const x = hardFloats(outer * axis * inner, { seed: trial });
      const divisor = trial % 3 ? 1 : 3;
      const whole = run(x, outer, axis, inner, divisor);
      const px = memory.put(x);
      const y = memory.out(outer * inner);
      const scratch = memory.alloc(SCRATCH);
      for (const [o0, o1, i0, i1] of quarters(next, outer, inner)) {
        const from = px + 4 * (o0 * axis * inner + i0);
        wasm.sum_reduce(y + 4 * (o0 * inner + i0), from, o1 - o0, axis, i1 - i0, inner, divisor, 0, scratch);
      }
      expectSameBits(memory.f32(y, outer * inner), whole);
      memory.checkGuards();
    }
  });

  test.each([0, 1, 15, 16, 1000, CHUNK, CHUNK + 1, 3 * CHUNK - 1, 3 * CHUNK + 777])(
    'the partials of %i elements, added in order, are the sum',
    (n) => {
      // The last element cancels the first: left is what float64 rounded on the way, in this order and no other.
      const x = normal(n, { seed: n, std: 1e4 });
      if (n > 1) {
        x[0] = 2 ** 60;
        x[n - 1] = -(2 ** 60);
      }
      const whole = run(x, 1, n, 1);
      const px = memory.put(x);
      const partial = memory.alloc(8);
      let total = 0;
      for (let at = 0; at < n; at += CHUNK) {
        wasm.sum_partial(partial, px + 4 * at, Math.min(n - at, CHUNK));
        total += memory.f64(partial, 1)[0]!;
      }
      expectSameBits(whole, Float32Array.of(total));
      memory.checkGuards();
    },
  );

  test.each([1, CHUNK, CHUNK + 1, 3 * CHUNK + 777])('sum_total of all partials of %i elements is sum_reduce', (n) => {
    const x = hardFloats(n, { seed: n }).map((value) => (Number.isFinite(value) ? value : 1));
    const px = memory.put(x);
    const chunks = Math.ceil(n / CHUNK);
    const partials = memory.alloc(8 * chunks);
    const [whole, parts] = [memory.put(Float32Array.of(3)), memory.put(Float32Array.of(3))];
    wasm.sum_partial(partials, px, n);
    for (const accumulate of [1, 0]) {
      wasm.sum_reduce(whole, px, 1, n, 1, 1, n, accumulate, 0); // rows use no scratch
      wasm.sum_total(parts, partials, chunks, n, accumulate);
      expectSameBits(memory.f32(parts, 1), memory.f32(whole, 1));
    }
    memory.checkGuards();
  });

  test('one Inf or NaN anywhere decides, two opposite Inf are NaN', () => {
    for (const [values, sum] of [
      [[Infinity], Infinity],
      [[-Infinity], -Infinity],
      [[NaN], NaN],
      [[Infinity, -Infinity], NaN],
    ] as const) {
      for (const inner of [1, 3, 16]) {
        const x = new Float32Array(40 * inner).fill(1);
        values.forEach((v, at) => {
          x[(13 + 20 * at) * inner] = v;
        });
        expectWithinUlp(run(x, 1, 40, inner), [sum, ...new Array(inner - 1).fill(40)], 0);
      }
    }
  });
});
