import { describe, expect, test } from 'vitest';
import * as reference from '../reference/softmax';
import { COLS, logits, poisonedRows } from '../support/rows';
import { expectSameBits, ulpDistance } from '../support/ulp';
import { variants } from '../support/variants';

describe.each(variants)('softmax, %s', (_name, { wasm, memory }) => {
  const run = (input: Float32Array, rows: number, cols: number): Float32Array => {
    memory.reset();
    const x = memory.put(input);
    const y = memory.out(rows * cols);
    wasm.softmax_forward(y, x, rows, cols);
    memory.checkGuards();
    expect(memory.f32(x, rows * cols)).toEqual(input);
    return memory.f32(y, rows * cols);
  };

  // x − max rounds (|x − max| ≤ 104 where the result is not 0: up to 2^-18 relative), the rest is a few ULP.
  test.each(COLS)('softmax_forward has a relative error ≤ 2e-7·(4 + |x − max|) in rows of %i', (cols) => {
    const rows = 13;
    const input = logits(rows, cols, { seed: cols });
    const got = run(input, rows, cols);
    const exact = reference.softmax(input, cols);
    const maxima = Array.from({ length: rows }, (_, r) => Math.max(...input.subarray(r * cols, (r + 1) * cols)));
    for (let i = 0; i < got.length; i++) {
      const max = maxima[Math.floor(i / cols)]!;
      const bound = exact[i]! * 2e-7 * (4 + Math.min(104, max - input[i]!)) + 1e-45;
      expect(Math.abs(got[i]! - exact[i]!), `element ${i}: ${got[i]}, exact ${exact[i]}`).toBeLessThanOrEqual(bound);
    }
  });

  // Each of the 64 terms of a lane may round by half an ULP of the sum so far: at most 21·2^-24 of it, were all to go one way.
  test.each([-0.0245, -0.026, -0.58, -(2 ** -19), -5 * 2 ** -19])(
    '… ≤ 2e-7·(8 + |x − max|) where all elements but one are %f',
    (value) => {
      const cols = 256 * 8 + 13;
      const input = new Float32Array(cols).fill(value);
      input[0] = 0;
      const got = run(input, 1, cols);
      const exact = reference.softmax(input, cols);
      for (let i = 0; i < cols; i++) {
        expect(Math.abs(got[i]! / exact[i]! - 1)).toBeLessThanOrEqual(2e-7 * (8 - input[i]!));
      }
    },
  );

  test.each(COLS)('rows of %i sum to 1', (cols) => {
    const got = run(logits(13, cols, { seed: cols + 1 }), 13, cols);
    for (let r = 0; r < 13; r++) {
      const sum = got.subarray(r * cols, (r + 1) * cols).reduce((s, v) => s + v, 0);
      expect(Math.abs(sum - 1)).toBeLessThan(3e-7);
    }
  });

  test.each(COLS)('in place gives the same bits in rows of %i', (cols) => {
    const input = logits(7, cols, { seed: 2 });
    const apart = run(input, 7, cols);
    memory.reset();
    const x = memory.put(input);
    wasm.softmax_forward(x, x, 7, cols);
    memory.checkGuards();
    expectSameBits(memory.f32(x, 7 * cols), apart);
  });

  test.each(COLS)('a row of %i has the same bits in any company', (cols) => {
    const input = logits(7, cols, { seed: 2 });
    const whole = run(input, 7, cols);
    const alone = Array.from({ length: 7 }, (_, r) => [...run(input.subarray(r * cols, (r + 1) * cols), 1, cols)]);
    expectSameBits(alone.flat(), whole);
  });

  test.each(COLS)('NaN, +Inf and nothing but -Inf spoil their own row of %i only', (cols) => {
    const got = run(poisonedRows(cols), 5, cols);
    const spoiled = Array.from({ length: 5 }, (_, r) => got.subarray(r * cols, (r + 1) * cols).every(Number.isNaN));
    expect(spoiled).toEqual([false, true, true, true, false]);
    expect([...got.subarray(0, cols), ...got.subarray(4 * cols)].some(Number.isNaN)).toBe(false);
  });

  test('known rows', () => {
    expect([...run(Float32Array.of(-Infinity, 0), 1, 2)]).toEqual([0, 1]);
    expect([...run(Float32Array.of(5), 1, 1)]).toEqual([1]);
    const [a, b] = run(Float32Array.of(1000, 1000.5), 1, 2);
    expect(a).toBeCloseTo(0.377541, 6);
    expect(b).toBeCloseTo(0.622459, 6);
  });

  test('denormal results are kept, and below them is 0', () => {
    const got = run(Float32Array.of(0, -100, -103.9, -105, -132, -133, -3e38), 1, 7);
    expect(ulpDistance(got[1]!, Math.exp(-100))).toBeLessThanOrEqual(1);
    expect(got[2]).toBe(Math.fround(1e-45));
    expect([...got.subarray(3)]).toEqual([0, 0, 0, 0]);
  });

  test.each(COLS)('nothing behind the last row of %i is read: it may end with the memory', (cols) => {
    const input = logits(3, cols, { seed: 2 });
    const expected = run(input, 3, cols);
    memory.reset();
    const y = memory.out(3 * cols);
    const view = new Float32Array(memory.memory.buffer);
    view.set(input, view.length - input.length);
    wasm.softmax_forward(y, view.byteLength - input.byteLength, 3, cols);
    expectSameBits(memory.f32(y, 3 * cols), expected);
    wasm.softmax_forward(y, view.byteLength, 0, cols);
  });

  test('no rows and empty rows touch nothing', () => {
    expect(run(new Float32Array(0), 0, 10)).toHaveLength(0);
    expect(run(new Float32Array(0), 10, 0)).toHaveLength(0);
  });
});
