import { describe, expect, test } from 'vitest';
import * as reference from '../reference/log_softmax';
import { COLS, logits, poisonedRows } from '../support/rows';
import { expectSameBits } from '../support/ulp';
import { variants } from '../support/variants';

describe.each(variants)('log_softmax, %s', (_name, { wasm, memory }) => {
  const run = (input: Float32Array, rows: number, cols: number): Float32Array => {
    memory.reset();
    const x = memory.put(input);
    const y = memory.out(rows * cols);
    wasm.log_softmax_forward(y, x, rows, cols);
    memory.checkGuards();
    expect(memory.f32(x, rows * cols)).toEqual(input);
    return memory.f32(y, rows * cols);
  };

  // x − max, its difference to the logarithm of the sum, and that logarithm: three roundings, no cancellation.
  test.each(COLS)('log_softmax_forward has a relative error ≤ 3·2^-24 in rows of %i', (cols) => {
    const input = logits(13, cols, { seed: cols });
    const got = run(input, 13, cols);
    const exact = reference.logSoftmax(input, cols);
    for (let i = 0; i < got.length; i++) {
      if (exact[i] === -Infinity) {
        expect(got[i]).toBe(-Infinity);
        continue;
      }
      const bound = 3 * 2 ** -24 * Math.abs(exact[i]!) + 2 ** -149 + 4e-13;
      expect(Math.abs(got[i]! - exact[i]!), `element ${i}: ${got[i]}, exact ${exact[i]}`).toBeLessThanOrEqual(bound);
    }
  });

  test.each(COLS)('in place gives the same bits in rows of %i', (cols) => {
    const input = logits(7, cols, { seed: 2 });
    const apart = run(input, 7, cols);
    memory.reset();
    const x = memory.put(input);
    wasm.log_softmax_forward(x, x, 7, cols);
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
    expect([...run(Float32Array.of(1e4, 0), 1, 2)]).toEqual([0, -1e4]);
    expect([...run(Float32Array.of(-Infinity, 0), 1, 2)]).toEqual([-Infinity, 0]);
    expect([...run(Float32Array.of(7), 1, 1)]).toEqual([0]);
  });

  test('no rows and empty rows touch nothing', () => {
    expect(run(new Float32Array(0), 0, 10)).toHaveLength(0);
    expect(run(new Float32Array(0), 10, 0)).toHaveLength(0);
  });

  test.each(COLS)('nothing behind the last row of %i is read: it may end with the memory', (cols) => {
    const input = logits(3, cols, { seed: 2 });
    const expected = run(input, 3, cols);
    memory.reset();
    const y = memory.out(3 * cols);
    const view = new Float32Array(memory.memory.buffer);
    view.set(input, view.length - input.length);
    wasm.log_softmax_forward(y, view.byteLength - input.byteLength, 3, cols);
    expectSameBits(memory.f32(y, 3 * cols), expected);
  });
});
