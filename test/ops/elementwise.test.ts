import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  abs,
  DisposedError,
  exp,
  log,
  neg,
  relu,
  ShapeError,
  sigmoid,
  sqrt,
  Tensor,
  tanh,
  tidy,
  zeros,
} from '../../src/index';
import { expectError, live } from '../support/facade';
import { pair, shapes } from '../support/shapes';
import { expectSameBits, expectWithinUlp } from '../support/ulp';

/** The exact function in float64, and how far a result may be off, in units in the last place. */
const FUNCTIONS = [
  ['relu', relu, (v: number) => Math.max(v, 0), 0],
  ['sigmoid', sigmoid, (v: number) => (v < 0 ? Math.exp(v) / (1 + Math.exp(v)) : 1 / (1 + Math.exp(-v))), 3],
  ['tanh', tanh, Math.tanh, 2],
  ['exp', exp, Math.exp, 2],
  ['log', log, Math.log, 1],
  ['sqrt', sqrt, Math.sqrt, 0],
  ['neg', neg, (v: number) => -v, 0],
  ['abs', abs, Math.abs, 0],
] as const;

describe.each(FUNCTIONS)('%s', (name, operation, exact, ulp) => {
  test(`is within ${ulp} ULP for tensors of any shape, special values among them`, () => {
    fc.assert(
      fc.property(shapes({ max: 9 }), fc.nat(), (shape, seed) =>
        tidy(() => {
          const x = pair(shape, seed, true);
          const y = operation(x.t);
          expect(y.shape).toEqual(shape);
          expectWithinUlp(y.toTypedArray(), x.nd.data.map(exact), ulp);
        }),
      ),
      { numRuns: 100 },
    );
  });

  test('into out, in place, into arrays and views: the same bits', () => {
    fc.assert(
      fc.property(shapes({ max: 9 }), fc.nat(), (shape, seed) =>
        tidy(() => {
          const { t } = pair(shape, seed, true);
          const wanted = operation(t).toTypedArray();
          const out = zeros(shape);
          expect(operation(t, { out })).toBe(out);
          expectSameBits(out.toTypedArray(), wanted);
          const array = new Float32Array(t.size);
          expect(operation(t, { out: array })).toBe(array);
          expectSameBits(array, wanted);
          const view = zeros(shape);
          operation(t, { out: view.data });
          expectSameBits(view.toTypedArray(), wanted);
          const through = t.clone();
          operation(through, { out: through.data });
          expectSameBits(through.toTypedArray(), wanted);
          expectSameBits(operation(t, { out: t }).toTypedArray(), wanted);
        }),
      ),
      { numRuns: 50 },
    );
  });

  test('takes numbers and arrays, and leaves no memory behind', () => {
    const before = live();
    expectWithinUlp([operation(0.5).item()], [exact(0.5)], ulp);
    const y = operation([[0.25], [2]]);
    expect(y.shape).toEqual([2, 1]);
    y.dispose();
    expect(live()).toBe(before + 4);
  });

  test('wrong arguments are errors by name', () => {
    const x = zeros([3]);
    const gone = zeros([3]);
    gone.dispose();
    const before = live();
    expectError(() => operation(x, { out: zeros([4]) }), ShapeError, `${name}: expected out of shape [3], got [4]`);
    expectError(
      () => operation(x, { out: new Float32Array(2) }),
      ShapeError,
      `${name}: expected out of length 3, got 2`,
    );
    expectError(
      () => operation(x, { out: zeros([3, 1]) }),
      ShapeError,
      `${name}: expected out of shape [3], got [3, 1]`,
    );
    expectError(
      () => operation([1, 2, 3], { out: zeros([3, 1]) }),
      ShapeError,
      `${name}: expected out of shape [3], got [3, 1]`,
    );
    expectError(
      () => operation(x, { out: new Float32Array(4) }),
      ShapeError,
      `${name}: expected out of length 3, got 4`,
    );
    expectError(() => operation(x, { out: [1, 2, 3] as never }), TypeError, `${name}: expected out to be a Tensor`);
    expectError(() => operation(x, { out: x, axis: 0 } as never), TypeError, `${name}: unknown option "axis"`);
    const message = `${name}: expected options (out), got an object (${Tensor.name})`;
    expectError(() => operation(x, x as never), TypeError, message);
    expectError(() => operation(x, { out: gone }), DisposedError, `${name}: this tensor was disposed`);
    expectError(() => operation(gone, { out: x }), DisposedError, `${name}: x: this tensor was disposed`);
    expectError(
      () => operation('1' as never),
      TypeError,
      `${name}: expected x to be a Tensor, numbers or a typed array`,
    );
    expect(live()).toBe(before + 16 + 12 + 12);
    x.dispose();
  });
});
