import { describe, expect, test } from 'vitest';
import * as reference from '../reference/gemm';
import { LENGTHS } from '../support/lengths';
import { normal } from '../support/seeds';
import { expectSameBits } from '../support/ulp';
import { variants } from '../support/variants';

const EPSILON = 2 ** -23;
/** Past the strips of columns that gemv_t sums at a time. */
const WIDE = 16_390;
/** Past the blocks of k (512) as well as every short length. */
const SIZES = [...LENGTHS.filter((n) => n < 40), 255, 257, 511, 513, 1000, 1030];

describe.each(variants)('gemv, %s', (_name, { wasm, memory }) => {
  function operands(rows: number, columns: number, transposed: boolean, gap: number) {
    memory.reset();
    const lda = columns + gap;
    const a = normal(rows * lda, { seed: rows + 7 * columns });
    const x = normal(transposed ? rows : columns, { seed: 5 });
    const y = normal(transposed ? columns : rows, { seed: 6 });
    const bias = normal(y.length, { seed: 8 });
    const at = { a: memory.put(a), x: memory.put(x), y: memory.put(y), bias: memory.put(bias) };
    return { a, lda, x, y, bias, at, scratch: memory.alloc(wasm.gemm_scratch_bytes()) };
  }

  function expectClose(actual: Float32Array, { y, magnitude }: ReturnType<typeof reference.gemm>): void {
    for (let i = 0; i < y.length; i++) {
      const error = Math.abs(actual[i]! - y[i]!);
      if (!(error <= 4 * EPSILON * magnitude[i]!)) expect.fail(`element ${i}: got ${actual[i]}, exact ${y[i]}`);
    }
  }

  // And past the 4096 terms after which a dot product goes on from zero.
  test.each([...SIZES, 4097, 9001])('gemv_n is within 4 units of 2^-23·Σ|a||x| for k = %i', (k) => {
    for (const m of k < 40 ? [0, 1, 2, 3, 4, 5, 6, 7, 8, 33, ...(k < 5 ? [WIDE] : [])] : [1, 3, 9]) {
      for (const [alpha, beta, activation] of [
        [1, 0, 0],
        [1, 1, 1],
        [-0.5, 2, 0],
      ] as const) {
        const { a, lda, x, y, bias, at, scratch } = operands(m, k, false, k % 3);
        const exact = reference.gemm({
          m: 1,
          n: m,
          k,
          a: { data: x, ld: k },
          b: { data: a, ld: lda },
          c: { data: y, ld: m },
          transposeB: true,
          alpha,
          beta,
          bias,
          activation: activation ? 'relu' : 'none',
        });
        wasm.gemv_n(at.y, at.a, lda, at.x, m, k, alpha, beta, at.bias, activation, scratch, 1);
        memory.checkGuards();
        expectClose(memory.f32(at.y, m), exact);
      }
    }
  });

  test.each([4095, 4096, 4097, 8191, 2 ** 16 + 5, 2 ** 20])(
    'gemv_n: equal terms, whose roundings all go one way, keep a bound that does not grow with k = %i',
    (k) => {
      memory.reset();
      const value = Math.fround(1.7153);
      const at = { a: memory.put(new Float32Array(k).fill(value)), x: memory.put(new Float32Array(k).fill(1)) };
      const scratch = memory.alloc(wasm.gemm_scratch_bytes());
      const y = memory.out(1);
      wasm.gemv_n(y, at.a, k, at.x, 1, k, 1, 0, 0, 0, scratch, 1);
      // A lane adds up to 512 terms one after the other, the first one up to 7 more; then come the eight lanes, and blocks in order.
      const roundings = Math.min(k / 8, 512) + 7 + 3 + Math.ceil(k / 4096);
      const error = Math.abs(memory.f32(y, 1)[0]! - k * value);
      expect(error).toBeLessThanOrEqual(roundings * 2 ** -24 * k * value);
    },
  );

  test.each([0, 1, 7, 8, 11, 15, 16, 21, 100, 4095, 4109])('gemv_n adds %i terms in eight lanes', (k) => {
    const m = 6;
    const { a, x, at, scratch } = operands(m, k, false, 0);
    // Powers of two, so that a product is exact, fused or not.
    for (let p = 0; p < k; p++) x[p] = 2 ** (p % 3);
    new Float32Array(memory.memory.buffer).set(x, at.x / 4);
    const expected = new Float32Array(m);
    for (let i = 0; i < m; i++) {
      for (let from = 0; from < k; from += 4096) {
        const lanes = new Float32Array(8);
        const length = Math.min(k - from, 4096);
        // Those left over go to the first lane.
        for (let p = 0; p < length; p++) lanes[p < (length & ~7) ? p % 8 : 0]! += a[i * k + from + p]! * x[from + p]!;
        const s = lanes.subarray(0, 4).map((lane, l) => lane + lanes[l + 4]!);
        expected[i]! += Math.fround(Math.fround(s[0]! + s[1]!) + Math.fround(s[2]! + s[3]!));
      }
    }
    wasm.gemv_n(at.y, at.a, k, at.x, m, k, 1, 0, 0, 0, scratch, 1);
    expectSameBits(memory.f32(at.y, m), expected);
  });

  test('gemv_n: the bits of a row do not depend on the rows beside it', () => {
    for (const k of [3, 50, 784]) {
      const m = 11;
      const { lda, at, scratch } = operands(m, k, false, 1);
      wasm.gemv_n(at.y, at.a, lda, at.x, m, k, 1, 0, at.bias, 2, scratch, 1);
      const whole = memory.f32(at.y, m);
      for (const [from, rows] of [
        [0, 1],
        [1, 2],
        [3, 7],
        [10, 1],
      ] as const) {
        wasm.gemv_n(
          at.y + 4 * from,
          at.a + 4 * from * lda,
          lda,
          at.x,
          rows,
          k,
          1,
          0,
          at.bias + 4 * from,
          2,
          scratch,
          1,
        );
      }
      expectSameBits(memory.f32(at.y, m), whole);
    }
  });

  test('gemv_n: one bias for all rows, and an activation, count once where the terms are in several blocks', () => {
    const [m, k] = [5, 9001];
    const { at, y, scratch } = operands(m, k, false, 0);
    wasm.gemv_n(at.y, at.a, k, at.x, m, k, 1, 0.5, at.bias, 2, scratch, 0);
    const got = memory.f32(at.y, m);
    const each = memory.put(new Float32Array(m).fill(memory.f32(at.bias, 1)[0]!));
    new Float32Array(memory.memory.buffer).set(y, at.y / 4);
    wasm.gemv_n(at.y, at.a, k, at.x, m, k, 1, 0.5, each, 2, scratch, 1);
    expectSameBits(memory.f32(at.y, m), got);
  });

  test.each([1, 3, 4, 9, WIDE])('gemv_n: one bias for all of %i rows is that bias for each', (m) => {
    for (const activation of [0, 1, 2]) {
      const { lda, bias, at, scratch } = operands(m, 21, false, 1);
      wasm.gemv_n(at.y, at.a, lda, at.x, m, 21, 1, 0, at.bias, activation, scratch, 0);
      const one = memory.f32(at.y, m);
      memory.checkGuards();
      const each = memory.put(new Float32Array(m).fill(bias[0]!));
      wasm.gemv_n(at.y, at.a, lda, at.x, m, 21, 1, 0, each, activation, scratch, 1);
      expectSameBits(one, memory.f32(at.y, m));
    }
  });

  /** The terms in the order in which gemv_t adds them. */
  function termOrder(k: number, n: number): number[] {
    if (n <= 16) return Array.from({ length: k }, (_, p) => p);
    const blocks = Math.ceil(k / 512);
    const length = k <= 512 ? k : Math.ceil(k / blocks / 4) * 4;
    const order = [];
    for (let from = 0; from < k; from += length) {
      const kc = Math.min(length, k - from);
      const fifth = Math.floor(kc / 5);
      for (let p = 0; p < fifth; p++) for (let stream = 0; stream < 5; stream++) order.push(from + p + stream * fifth);
      for (let p = 5 * fifth; p < kc; p++) order.push(from + p);
    }
    return order;
  }

  test.each(SIZES)('gemv_t has the bits of gemm with m = 1 and the terms in its order for k = %i', (k) => {
    for (const n of k < 40
      ? [0, 1, 2, 3, 4, 5, 7, 8, 9, 14, 15, 16, 17, 31, 33, 35, WIDE]
      : k === 513
        ? [5, WIDE]
        : [5, 1030]) {
      for (const [alpha, beta, activation, withBias] of [
        [1, 0, 0, 0],
        [1, 1, 1, 1],
        [-0.5, 2, 2, 1],
      ] as const) {
        const { a, lda, x, y, at, scratch } = operands(k, n, true, n % 3);
        const bias = withBias && at.bias;
        wasm.gemv_t(at.y, at.a, lda, at.x, k, n, alpha, beta, bias, activation, scratch, Number(n <= 16));
        memory.checkGuards();
        const actual = memory.f32(at.y, n);
        const heap = new Float32Array(memory.memory.buffer);
        heap.set(y, at.y / 4);
        termOrder(k, n).forEach((p, i) => {
          heap[at.x / 4 + i] = x[p]!;
          heap.set(a.subarray(p * lda, (p + 1) * lda), at.a / 4 + i * lda);
        });
        wasm.gemm(at.y, n, at.x, k, 0, at.a, lda, 0, 1, n, k, alpha, beta, bias, activation, scratch, 6, 0);
        expectSameBits(actual, memory.f32(at.y, n));
      }
    }
  });

  test('gemv_t: the bits of a column do not depend on the columns beside it', () => {
    const [k, n] = [300, 77];
    const { lda, at, scratch } = operands(k, n, true, 1);
    wasm.gemv_t(at.y, at.a, lda, at.x, k, n, 1, 0, at.bias, 2, scratch, 0);
    const whole = memory.f32(at.y, n);
    for (const [from, columns] of [
      [0, 1],
      [1, 16],
      [17, 60],
    ] as const) {
      wasm.gemv_t(at.y + 4 * from, at.a + 4 * from, lda, at.x, k, columns, 1, 0, at.bias + 4 * from, 2, scratch, 0);
    }
    expectSameBits(memory.f32(at.y, n), whole);
  });

  test('neither reads more than 64 bytes behind A, where the memory ends', () => {
    for (const [rows, columns] of [
      [1, 5],
      [2, 9],
      [7, 13],
      [6, 33],
      [11, 47],
    ] as const) {
      memory.reset();
      const view = new Float32Array(memory.memory.buffer);
      const a = normal(rows * columns, { seed: rows });
      view.set(a, view.length - 16 - a.length);
      const at = view.byteLength - 64 - a.byteLength;
      const ones = memory.put(new Float32Array(48).fill(1));
      const y = memory.out(48);
      const scratch = memory.alloc(wasm.gemm_scratch_bytes());
      const sums = (length: number, pick: (i: number, j: number) => number, count: number) =>
        Array.from({ length }, (_, i) => Array.from({ length: count }, (_, j) => pick(i, j)).reduce((s, v) => s + v));
      wasm.gemv_n(y, at, columns, ones, rows, columns, 1, 0, 0, 0, scratch, 1);
      const rowSums = sums(rows, (i, j) => a[i * columns + j]!, columns);
      memory.f32(y, rows).forEach((v, i) => {
        expect(v).toBeCloseTo(rowSums[i]!, 4);
      });
      wasm.gemv_t(y, at, columns, ones, rows, columns, 1, 0, 0, 0, scratch, Number(columns <= 16));
      const columnSums = sums(columns, (j, i) => a[i * columns + j]!, rows);
      memory.f32(y, columns).forEach((v, j) => {
        expect(v).toBeCloseTo(columnSums[j]!, 4);
      });
    }
  });

  test('beta = 0 does not read y, and k = 0 leaves the epilogue', () => {
    const { lda, y, bias, at, scratch } = operands(0, 9, true, 0);
    new Float32Array(memory.memory.buffer).fill(NaN, at.y / 4, at.y / 4 + 9);
    wasm.gemv_t(at.y, at.a, lda, at.x, 0, 9, 1, 0, at.bias, 0, scratch, 1);
    expectSameBits(memory.f32(at.y, 9), bias);
    new Float32Array(memory.memory.buffer).fill(NaN, at.y / 4, at.y / 4 + 9);
    wasm.gemv_n(at.y, at.a, 0, at.x, 9, 0, 1, 0, at.bias, 0, scratch, 1);
    expectSameBits(memory.f32(at.y, 9), bias);
    new Float32Array(memory.memory.buffer).set(y, at.y / 4);
    wasm.gemv_n(at.y, at.a, 0, at.x, 9, 0, 1, 1, 0, 0, scratch, 1);
    expectSameBits(memory.f32(at.y, 9), y);
  });
});
