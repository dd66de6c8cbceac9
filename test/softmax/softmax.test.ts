import { describe, expect, test } from 'vitest';
import * as reference from '../reference/softmax';
import { rowwise, rowwiseCases } from '../support/kernels';
import { COLS, logits } from '../support/rows';
import { ulpDistance } from '../support/ulp';
import { variants } from '../support/variants';

describe.each(variants)('softmax, %s', (_name, variant) => {
  const run = rowwise(variant, 'softmax_forward');
  rowwiseCases(variant, 'softmax_forward');

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

  // Each of the 16 terms of a lane may round by half an ULP of the sum so far, 2^-24 of it. Where equal terms come beside one large
  // one, they may all go one way: those of 10.5 ULP of 1 (e^-13.591) or of a little more than half an ULP (e^-16.64) do.
  test.each([-0.0245, -0.026, -0.58, -(2 ** -19), -5 * 2 ** -19, -11.926, -12.558, -13.591, -16.64])(
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

  test.each(COLS)('of no rows of %i nothing is read, not even at the end of the memory', (cols) => {
    const { wasm, memory } = variant;
    memory.reset();
    wasm.softmax_forward(memory.out(cols), memory.memory.buffer.byteLength, 0, cols);
  });
});
