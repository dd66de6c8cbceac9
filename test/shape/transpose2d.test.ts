import fc from 'fast-check';
import { describe, test } from 'vitest';
import * as reference from '../reference/transpose2d';
import { generator } from '../support/seeds';
import { expectSameBits } from '../support/ulp';
import { variants } from '../support/variants';

/** Random bit patterns, signalling NaNs among them: what is moved must not change. */
function bits(n: number, seed: number): Int32Array {
  const next = generator(seed);
  return Int32Array.from({ length: n }, () => next() * 2 ** 32);
}

describe.each(variants)('transpose2d, %s', (_name, { wasm, memory }) => {
  test('moves every bit, for any shape and any row strides, and writes nothing else', () => {
    const size = fc.integer({ min: 0, max: 37 });
    const pad = fc.integer({ min: 0, max: 5 });
    fc.assert(
      fc.property(size, size, pad, pad, fc.nat(), (rows, cols, xPad, yPad, seed) => {
        memory.reset();
        const xs = cols + xPad;
        const ys = rows + yPad;
        // The last row ends with its last element: nothing after it may be read or written.
        const x = bits(rows && cols ? (rows - 1) * xs + cols : 0, seed);
        const before = bits(rows && cols ? (cols - 1) * ys + rows : 0, seed + 1);
        const px = memory.put(x);
        const y = memory.put(before);
        wasm.transpose2d(y, px, rows, cols, xs, ys);
        const expected = before.slice();
        for (let r = 0; r < rows; r++) for (let c = 0; c < cols; c++) expected[c * ys + r] = x[r * xs + c]!;
        expectSameBits(memory.i32(y, before.length), expected);
        memory.checkGuards();
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    [100, 784],
    [784, 100],
    [64, 64],
    [1, 1000],
    [1000, 3],
  ])('[%i, %i] equals the reference', (rows, cols) => {
    memory.reset();
    const x = Float32Array.from({ length: rows * cols }, (_, i) => i);
    const px = memory.put(x);
    const y = memory.out(rows * cols);
    wasm.transpose2d(y, px, rows, cols, cols, rows);
    expectSameBits(memory.f32(y, rows * cols), reference.transpose2d(x, rows, cols));
    memory.checkGuards();
  });

  test('ranges of rows and of columns give the whole', () => {
    memory.reset();
    const [rows, cols] = [41, 27];
    const x = Float32Array.from({ length: rows * cols }, (_, i) => i);
    const px = memory.put(x);
    for (let cut = 0; cut <= cols; cut++) {
      const y = memory.out(rows * cols);
      wasm.transpose2d(y, px, rows, cut, cols, rows);
      wasm.transpose2d(y + 4 * cut * rows, px + 4 * cut, cut, cols - cut, cols, rows);
      wasm.transpose2d(y + 4 * (cut * rows + cut), px + 4 * (cut * cols + cut), rows - cut, cols - cut, cols, rows);
      expectSameBits(memory.f32(y, rows * cols), reference.transpose2d(x, rows, cols));
      memory.checkGuards();
    }
  });
});
