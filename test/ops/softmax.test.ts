import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exp, logSoftmax, ShapeError, softmax, sum, tensor, tidy, zeros } from '../../src/index';
import { expectClose, expectError, normalTensor } from '../support/facade';
import { pair, shapes } from '../support/shapes';
import { expectSameBits } from '../support/ulp';

/** f(x − max x, log Σ e^(x − max x)) for each element of each row, in float64. */
function rowwise(data: Float64Array, cols: number, f: (d: number, logSum: number) => number): Float64Array {
  const y = new Float64Array(data.length);
  for (let at = 0; at < data.length; at += cols) {
    const row = data.subarray(at, at + cols);
    const top = Math.max(...row);
    const logSum = Math.log(row.reduce((total, v) => total + Math.exp(v - top), 0));
    row.forEach((v, i) => {
      y[at + i] = f(v - top, logSum);
    });
  }
  return y;
}

/** Half a unit in the last place of 1. */
const EPSILON = 2 ** -24;

describe.each([
  // x − max x is rounded, and so is its reduction in the exponential, which multiplies both errors; exponential, sum and
  // quotient are a few units more.
  [
    'softmax',
    softmax,
    (d: number, logSum: number) => Math.exp(d - logSum),
    (d: number, logSum: number) => Math.exp(d - logSum) * EPSILON * (3 * Math.abs(d) + 12) + 1e-45,
  ],
  [
    'logSoftmax',
    logSoftmax,
    (d: number, logSum: number) => d - logSum,
    (d: number, logSum: number) => 4 * EPSILON * (Math.abs(d) + logSum) + 1e-14,
  ],
] as const)('%s', (name, operation, exact, bound) => {
  test('is the definition over the last axis of any shape', () => {
    fc.assert(
      fc.property(shapes({ minRank: 1, max: 20 }), fc.constantFrom(0.01, 1, 30), fc.nat(), (shape, std, seed) =>
        tidy(() => {
          const x = normalTensor(shape, seed, std);
          const cols = shape[shape.length - 1];
          const y = operation(x);
          expect(y.shape).toEqual(shape);
          const data = Float64Array.from(x.data);
          expectClose(y.toTypedArray(), rowwise(data, cols, exact), rowwise(data, cols, bound));
        }),
      ),
      { numRuns: 150 },
    );
  });

  test('into out and in place: the same bits', () => {
    fc.assert(
      fc.property(shapes({ minRank: 1, max: 20 }), fc.nat(), (shape, seed) =>
        tidy(() => {
          const { t } = pair(shape, seed, true);
          const wanted = operation(t).toTypedArray();
          const array = new Float32Array(t.size);
          expect(operation(t, { out: array })).toBe(array);
          expectSameBits(array, wanted);
          expect(operation(t, { out: t })).toBe(t);
          expectSameBits(t.toTypedArray(), wanted);
        }),
      ),
      { numRuns: 50 },
    );
  });

  test('a row that is not finite does not touch the others', () => {
    const rows = [
      [1, 2, 3],
      [-Infinity, -Infinity, -Infinity],
      [0, Infinity, 0],
      [0, Number.NaN, 0],
      [1, 2, 3],
      [-Infinity, 0, -Infinity],
    ];
    const y = operation(rows).toArray() as number[][];
    const nan = [Number.NaN, Number.NaN, Number.NaN];
    expect(y.slice(1, 4)).toEqual([nan, nan, nan]);
    expect(y[0]).toEqual(y[4]);
    expect(y[5]).toEqual(name === 'softmax' ? [0, 1, 0] : [-Infinity, 0, -Infinity]);
  });

  test('(0, C) and (N, 0) are empty, a scalar is a ShapeError', () => {
    expect(operation(zeros([0, 3])).shape).toEqual([0, 3]);
    expect(operation(zeros([3, 0])).toArray()).toEqual([[], [], []]);
    for (const call of [() => operation(5), () => operation(tensor(5), { out: tensor(0) })]) {
      expectError(call, ShapeError, `${name}: expected x with at least one axis, got []`);
    }
  });

  test('checks out and options', () => {
    expectError(() => operation([1], { out: zeros([2]) }), ShapeError, `${name}: expected out of shape [1], got [2]`);
    expectError(() => operation([1], { axis: 0 } as never), TypeError, `${name}: unknown option "axis"`);
  });
});

test.each([1e-3, 1, 100])('e^logSoftmax sums to one at scale %d', (std) => {
  tidy(() => {
    const totals = sum(exp(logSoftmax(normalTensor([50, 33], 3, std))), { axis: 1 }).toTypedArray();
    expectClose(
      totals,
      totals.map(() => 1),
      2e-6,
    );
    const direct = sum(softmax(normalTensor([50, 33], 3, std)), { axis: 1 }).toTypedArray();
    expectClose(
      direct,
      direct.map(() => 1),
      5e-7,
    );
  });
});

test('large logits: softmax [1000, 1000.5], logSoftmax [1e4, 0]', () => {
  expectClose(softmax([1000, 1000.5]).toTypedArray(), [0.3775406687981454, 0.6224593312018546], 6e-8);
  expect(logSoftmax([1e4, 0]).toArray()).toEqual([0, -1e4]);
  expect(softmax(tensor([5])).toArray()).toEqual([1]);
});
