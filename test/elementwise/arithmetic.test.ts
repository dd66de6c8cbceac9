import fc from 'fast-check';
import { describe, test } from 'vitest';
import type { Kernels } from '../../src/wasm/generated/kernels';
import * as reference from '../reference/arithmetic';
import { LENGTHS } from '../support/lengths';
import { generator, hardFloats, normal } from '../support/seeds';
import { expectSameBits } from '../support/ulp';
import { variants } from '../support/variants';

const { add, sub, mul, div, maximum, minimum } = reference;
const OPERATIONS = Object.entries({ add, sub, mul, div, maximum, minimum });

/** How an operand lies: the shape that NumPy would broadcast to [rows, cols], and its strides. */
const LAYOUTS = {
  full: (_rows: number, cols: number) => ({ row: cols, col: 1 }),
  row: () => ({ row: 0, col: 1 }),
  column: () => ({ row: 1, col: 0 }),
  scalar: () => ({ row: 0, col: 0 }),
  padded: (_rows: number, cols: number) => ({ row: cols + 3, col: 1 }),
  overlapping: () => ({ row: 1, col: 1 }),
  apart: (_rows: number, cols: number) => ({ row: cols, col: 0 }),
};
type Layout = keyof typeof LAYOUTS;
const layouts = Object.keys(LAYOUTS) as Layout[];

function operand(layout: Layout, rows: number, cols: number, seed: number): reference.Operand {
  const { row, col } = LAYOUTS[layout](rows, cols);
  const size = rows * cols === 0 ? 0 : (rows - 1) * row + (cols - 1) * col + 1;
  return { values: hardFloats(size, { seed }), row, col };
}

describe.each(variants)('arithmetic, %s', (_name, { wasm, memory }) => {
  describe.each(OPERATIONS)('%s_forward', (name, operation) => {
    const kernel = wasm[`${name}_forward` as keyof Kernels] as Kernels['add_forward'];
    const exact = (a: reference.Operand, b: reference.Operand, rows: number, cols: number) =>
      Float32Array.from(reference.broadcast(operation, a, b, rows, cols));

    function run(a: reference.Operand, b: reference.Operand, rows: number, cols: number): Float32Array {
      memory.reset();
      const pa = memory.put(a.values as Float32Array);
      const pb = memory.put(b.values as Float32Array);
      const y = memory.out(rows * cols);
      kernel(y, pa, pb, rows, cols, a.row, a.col, b.row, b.col);
      memory.checkGuards();
      return memory.f32(y, rows * cols);
    }

    test.each(LENGTHS)('is exact down to the sign of zero at n = %i, of the same shape and with a scalar', (n) => {
      for (const [la, lb] of [
        ['full', 'full'],
        ['full', 'scalar'],
        ['scalar', 'full'],
      ] as const) {
        const a = operand(la, 1, n, n + 1);
        const b = operand(lb, 1, n, n + 2);
        expectSameBits(run(a, b, 1, n), exact(a, b, 1, n));
      }
    });

    test('is exact for every pair of layouts and any shape', () => {
      const layout = fc.constantFrom(...layouts);
      fc.assert(
        fc.property(
          layout,
          layout,
          fc.integer({ min: 0, max: 9 }),
          fc.integer({ min: 0, max: 40 }),
          fc.nat(),
          (la, lb, rows, cols, seed) => {
            const a = operand(la, rows, cols, seed);
            const b = operand(lb, rows, cols, seed + 1);
            expectSameBits(run(a, b, rows, cols), exact(a, b, rows, cols));
          },
        ),
        { numRuns: 200 },
      );
    });

    test.each([1, 2, 3, 4, 7, 10, 16, 50])('in place gives the same bits with rows of %i', (cols) => {
      for (const layout of layouts) {
        const full = operand('full', 6, cols, cols);
        const other = operand(layout, 6, cols, cols + 1);
        const p = memory.put(full.values as Float32Array);
        const q = memory.put(other.values as Float32Array);
        kernel(p, p, q, 6, cols, full.row, full.col, other.row, other.col);
        expectSameBits(memory.f32(p, 6 * cols), run(full, other, 6, cols));
        const r = memory.put(full.values as Float32Array);
        const s = memory.put(other.values as Float32Array);
        kernel(r, s, r, 6, cols, other.row, other.col, full.row, full.col);
        expectSameBits(memory.f32(r, 6 * cols), run(other, full, 6, cols));
      }
    });

    test('any cut of rows or of a long row gives the same bits', () => {
      const next = generator(7);
      for (let trial = 0; trial < 40; trial++) {
        const [rows, cols] = trial % 2 ? [1, 1 + Math.floor(next() * 100)] : [2 + Math.floor(next() * 9), 7];
        const a = operand('full', rows, cols, trial);
        const b = operand(trial % 3 ? 'row' : 'column', rows, cols, trial + 99);
        const whole = run(a, b, rows, cols);
        const pa = memory.put(a.values as Float32Array);
        const pb = memory.put(b.values as Float32Array);
        const y = memory.out(rows * cols);
        if (rows > 1) {
          const cut = Math.floor(next() * (rows + 1));
          kernel(y, pa, pb, cut, cols, a.row, a.col, b.row, b.col);
          const [ya, aa, bb] = [y + 4 * cut * cols, pa + 4 * cut * a.row, pb + 4 * cut * b.row];
          kernel(ya, aa, bb, rows - cut, cols, a.row, a.col, b.row, b.col);
        } else {
          const cut = Math.floor(next() * (cols + 1));
          kernel(y, pa, pb, 1, cut, a.row, a.col, b.row, b.col);
          kernel(y + 4 * cut, pa + 4 * cut * a.col, pb + 4 * cut * b.col, 1, cols - cut, a.row, a.col, b.row, b.col);
        }
        expectSameBits(memory.f32(y, rows * cols), whole);
      }
    });
  });

  test('maximum and minimum have NaN for a NaN on either side, and order the zeros', () => {
    memory.reset();
    const a = memory.put(Float32Array.of(1, NaN, NaN, -0, 0, -Infinity));
    const b = memory.put(Float32Array.of(NaN, 1, NaN, 0, -0, Infinity));
    const y = memory.out(6);
    wasm.maximum_forward(y, a, b, 1, 6, 0, 1, 0, 1);
    expectSameBits(memory.f32(y, 6), [NaN, NaN, NaN, 0, 0, Infinity]);
    wasm.minimum_forward(y, a, b, 1, 6, 0, 1, 0, 1);
    expectSameBits(memory.f32(y, 6), [NaN, NaN, NaN, -0, -0, -Infinity]);
  });

  test('denormals survive: 1e-20 · 1e-20 is 1e-40; 0 · Inf and Inf − Inf are NaN', () => {
    memory.reset();
    const a = memory.put(Float32Array.of(1e-20, 0, Infinity));
    const b = memory.put(Float32Array.of(1e-20, Infinity, Infinity));
    const y = memory.out(3);
    wasm.mul_forward(y, a, b, 1, 3, 0, 1, 0, 1);
    expectSameBits(memory.f32(y, 3), Float32Array.of(1e-40, NaN, Infinity));
    wasm.sub_forward(y, a, b, 1, 3, 0, 1, 0, 1);
    expectSameBits(memory.f32(y, 3), [0, -Infinity, NaN]);
  });

  test('a constant operand may end with the memory', () => {
    const [rows, cols] = [8, 15];
    for (const col of [0, 1]) {
      const few = normal(col ? cols : 1, { seed: 3 });
      memory.reset();
      const [full, y, other] = [memory.put(normal(rows * cols, { seed: 4 })), memory.out(rows * cols), memory.put(few)];
      const view = new Float32Array(memory.memory.buffer);
      view.set(few, view.length - few.length);
      const end = view.byteLength - few.byteLength;
      wasm.sub_forward(y, full, other, rows, cols, cols, 1, 0, col);
      const left = memory.f32(y, rows * cols);
      wasm.sub_forward(y, full, end, rows, cols, cols, 1, 0, col);
      expectSameBits(memory.f32(y, rows * cols), left);
      wasm.sub_forward(y, other, full, rows, cols, 0, col, cols, 1);
      const right = memory.f32(y, rows * cols);
      wasm.sub_forward(y, end, full, rows, cols, 0, col, cols, 1);
      expectSameBits(memory.f32(y, rows * cols), right);
    }
  });
});
