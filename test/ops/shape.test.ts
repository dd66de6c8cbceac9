import fc from 'fast-check';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { engine } from '../../src/engine/engine';
import {
  AliasError,
  add,
  concat,
  DisposedError,
  matmul,
  type Out,
  relu,
  ShapeError,
  slice,
  type Tensor,
  take,
  tensor,
  tidy,
  transpose,
  zeros,
} from '../../src/index';
import * as reference from '../reference/ndarray';
import { expectError, live, random, sparse } from '../support/facade';
import { pair, shapes } from '../support/shapes';
import { expectSameBits } from '../support/ulp';

/** A shape with one of its axes, counted from either end. */
const withAxis = shapes({ minRank: 1 }).chain((shape) =>
  fc.tuple(fc.constant(shape), fc.integer({ min: -shape.length, max: shape.length - 1 })),
);

describe('take', () => {
  test('along any axis, any indices in any order, as often as named; into out too', () => {
    fc.assert(
      fc.property(withAxis, fc.array(fc.nat(), { maxLength: 8 }), fc.nat(), ([shape, axis], picks, seed) =>
        tidy(() => {
          const length = shape.at(axis)!;
          const chosen = length === 0 ? [] : picks.map((p) => p % length);
          const x = pair(shape, seed, true);
          const wanted = reference.take(x.nd, chosen, axis < 0 ? axis + shape.length : axis);
          for (const indices of [chosen, Int32Array.from(chosen), Float64Array.from(chosen)]) {
            const y = take(x.t, indices, { axis });
            expect(y.shape).toEqual(wanted.shape);
            expectSameBits(y.toTypedArray(), wanted.data);
          }
          const out = zeros(wanted.shape);
          expect(take(x.t, chosen, { axis, out })).toBe(out);
          expectSameBits(out.toTypedArray(), wanted.data);
          const array = new Float32Array(out.size);
          expect(take(x.t, chosen, { axis, out: array })).toBe(array);
          expectSameBits(array, wanted.data);
        }),
      ),
      { numRuns: 150 },
    );
  });

  test('makes mini-batches', () => {
    const x = tensor([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
    const order = random().permutation(3);
    expect(take(x, order.subarray(0, 2)).toArray()).toEqual(
      Array.from(order.subarray(0, 2), (i) => [2 * i + 1, 2 * i + 2]),
    );
    expect(take([10, 20, 30], [2, 0]).toArray()).toEqual([30, 10]);
    expectTypeOf(take(x, [0])).toEqualTypeOf<Tensor>();
    expectTypeOf(take(x, [0], { out: new Float32Array(2) })).toEqualTypeOf<Float32Array>();
    const either = (out: Out) => [take(x, [0], { out }), relu(x, { out }), add(x, x, { out }), matmul(x, x, { out })];
    expectTypeOf(either).returns.toEqualTypeOf<Out[]>();
  });

  test('checks its indices', () => {
    const x = zeros([3, 2]);
    const before = live();
    expectError(() => take(x, [0, 3]), RangeError, 'take: expected index 1 to be an integer in 0 … 2, got 3');
    expectError(() => take(x, [-1]), RangeError, 'take: expected index 0 to be an integer in 0 … 2, got -1');
    expectError(() => take(x, [0.5]), RangeError, 'take: expected index 0 to be an integer in 0 … 2, got 0.5');
    expectError(() => take(x, [Number.NaN]), RangeError, 'take: expected index 0');
    expectError(() => take(x, [2 ** 32]), RangeError, 'take: expected index 0');
    expectError(() => take(x, ['0'] as never), TypeError, 'take: expected index 0 to be a number, got the string "0"');
    expectError(() => take(x, 0 as never), TypeError, 'take: expected indices to be an array of integers, got 0');
    expectError(
      () => take(x, x as never),
      TypeError,
      'take: expected indices to be an array of integers, got an object (Tensor)',
    );
    expectError(() => take(x, new BigInt64Array(1) as never), TypeError, 'take: expected numbers, got a BigInt64Array');
    expectError(() => take(x, [0], { axis: 2 }), RangeError, 'take: expected axis to be an integer in -2 … 1, got 2');
    expectError(() => take(5, [0]), RangeError, 'take: expected at least one axis, got shape []');
    expectError(() => take(x, [0], { out: x }), ShapeError, 'take: expected out of shape [1, 2], got [3, 2]');
    expectError(() => take(x, [2, 1, 0], { out: x }), AliasError, 'take: out has the memory of an input');
    expect(live()).toBe(before);
  });

  test('an array that gives other indices at the second look cannot reach outside', () => {
    let looks = 0;
    const sly = new Proxy([0], { get: (a, key) => (key === '0' ? (looks++ > 0 ? 1e9 : 0) : Reflect.get(a, key)) });
    expect(take([7, 8], sly).toArray()).toEqual([7]);
  });
});

describe('transpose', () => {
  test('any order of axes, and the reverse without', () => {
    fc.assert(
      fc.property(
        shapes({ maxRank: 6, max: 5 }).chain((shape) =>
          fc.tuple(
            fc.constant(shape),
            fc.shuffledSubarray([...shape.keys()], { minLength: shape.length }),
            fc.array(fc.boolean(), { minLength: shape.length, maxLength: shape.length }),
          ),
        ),
        fc.nat(),
        ([shape, order, fromEnd], seed) =>
          tidy(() => {
            const x = pair(shape, seed);
            const wanted = reference.transpose(x.nd, order);
            const y = transpose(
              x.t,
              order.map((axis, i) => (fromEnd[i] ? axis - shape.length : axis)),
            );
            expect(y.shape).toEqual(wanted.shape);
            expectSameBits(y.toTypedArray(), wanted.data);
            const reversed = reference.transpose(x.nd, [...shape.keys()].reverse());
            expectSameBits(transpose(x.t).toTypedArray(), reversed.data);
          }),
      ),
      { numRuns: 200 },
    );
  });

  test('seven axes, of which no two stay together', () => {
    tidy(() => {
      const x = pair([2, 3, 2, 3, 2, 3, 2], 1);
      const wanted = reference.transpose(x.nd, [6, 5, 4, 3, 2, 1, 0]);
      expectSameBits(transpose(x.t).toTypedArray(), wanted.data);
    });
  });

  test('of no elements along more axes than one block has: the first page of the memory stays as it was', () => {
    const x = zeros([0, 2, 3, 2, 3, 2]);
    const page = engine.f32.subarray(0, 256);
    const before = page.slice();
    page.set(page.map((_, i) => i));
    const filled = page.slice();
    const y = transpose(x, [0, 5, 4, 3, 2, 1]);
    const after = page.slice();
    page.set(before);
    expect(y.shape).toEqual([0, 2, 3, 2, 3, 2]);
    expect(after).toEqual(filled);
  });

  test('is a copy, also of a vector', () => {
    const x = tensor([1, 2]);
    const y = transpose(x);
    x.set([8, 9]);
    expect(y.toArray()).toEqual([1, 2]);
  });

  test('checks its axes', () => {
    const x = zeros([2, 3]);
    expectError(() => transpose(x, [0]), ShapeError, 'transpose: expected 2 axes, got 1');
    expectError(() => transpose(x, [0, 1, 0]), ShapeError, 'transpose: expected 2 axes, got 3');
    expectError(() => transpose(x, [0, 0]), RangeError, 'transpose: expected each axis once, got [0, 0]');
    expectError(() => transpose(x, [1, -1]), RangeError, 'transpose: expected each axis once, got [1, -1]');
    expectError(() => transpose(x, [0, 2]), RangeError, 'transpose: expected axis to be an integer in -2 … 1, got 2');
    expectError(() => transpose(x, 1 as never), TypeError, 'transpose: expected axes to be an array, got 1');
    expectError(
      () => transpose(x, sparse(undefined, 1) as never),
      TypeError,
      'transpose: expected axis to be a number, got undefined',
    );
  });
});

describe('concat', () => {
  test('along any axis, pieces of any length', () => {
    fc.assert(
      fc.property(
        withAxis,
        fc.array(fc.nat(5), { minLength: 1, maxLength: 4 }),
        fc.nat(),
        ([shape, axis], lengths, seed) =>
          tidy(() => {
            const at = axis < 0 ? axis + shape.length : axis;
            const xs = lengths.map((length, i) => pair(shape.with(at, length), seed + i));
            const wanted = reference.concat(
              xs.map(({ nd }) => nd),
              at,
            );
            const y = concat(
              xs.map(({ t }) => t),
              { axis },
            );
            expect(y.shape).toEqual(wanted.shape);
            expectSameBits(y.toTypedArray(), wanted.data);
          }),
      ),
      { numRuns: 150 },
    );
  });

  test('arrays, and one tensor twice', () => {
    const x = tensor([[1, 2]]);
    expect(concat([x, [[3, 4]], x]).toArray()).toEqual([
      [1, 2],
      [3, 4],
      [1, 2],
    ]);
    expect(concat([x, x.data.subarray(0, 0) as never as number[]].slice(0, 1)).toArray()).toEqual([[1, 2]]);
  });

  test('checks its tensors', () => {
    const x = zeros([2, 3]);
    expectError(() => concat([]), TypeError, 'concat: expected an array of at least one tensor, got an empty array');
    expectError(
      () => concat(x as never),
      TypeError,
      'concat: expected an array of at least one tensor, got an object (Tensor)',
    );
    expectError(
      () => concat([x, zeros([2, 4])]),
      ShapeError,
      'concat: expected tensors[1] to agree with [2, 3] outside axis 0, got [2, 4]',
    );
    expectError(
      () => concat([x, zeros([3])]),
      ShapeError,
      'concat: expected tensors[1] to agree with [2, 3] outside axis 0, got [3]',
    );
    expectError(() => concat([1, 2]), RangeError, 'concat: expected at least one axis, got shape []');
    expectError(
      () => concat(sparse(undefined, x) as never),
      TypeError,
      'concat: expected tensors[0] to be a Tensor, numbers or a typed array, got undefined',
    );
    expectError(
      () => concat([x, x], { axis: 5 }),
      RangeError,
      'concat: expected axis to be an integer in -2 … 1, got 5',
    );
    const long = zeros([2 ** 32 - 1, 0]);
    expectError(
      () => concat([long, long]),
      RangeError,
      'concat: expected shape[0] to be an integer in 0 … 2^32 - 1, got 8589934590',
    );
  });
});

describe('slice', () => {
  test('counts as Array.prototype.slice does, along any axis', () => {
    const bound = fc.integer({ min: -8, max: 8 });
    fc.assert(
      fc.property(withAxis, bound, fc.option(bound, { nil: undefined }), fc.nat(), ([shape, axis], begin, end, seed) =>
        tidy(() => {
          const x = pair(shape, seed);
          const wanted = reference.slice(x.nd, begin, end, axis < 0 ? axis + shape.length : axis);
          const y = slice(x.t, begin, end, { axis });
          expect(y.shape).toEqual(wanted.shape);
          expectSameBits(y.toTypedArray(), wanted.data);
        }),
      ),
      { numRuns: 200 },
    );
  });

  test('is a copy, also of everything', () => {
    const x = tensor([1, 2, 3]);
    const y = slice(x, 0);
    x.set([7, 8, 9]);
    expect(y.toArray()).toEqual([1, 2, 3]);
  });

  test('checks its bounds', () => {
    expectError(() => slice([1, 2], 0.5), RangeError, 'slice: expected begin to be an integer, got 0.5');
    expectError(() => slice([1, 2], 0, Number.NaN), RangeError, 'slice: expected end to be an integer, got NaN');
    expectError(
      () => slice([1, 2], '0' as never),
      TypeError,
      'slice: expected begin to be a number, got the string "0"',
    );
    expectError(() => slice([1, 2], 0, null as never), TypeError, 'slice: expected end to be a number, got null');
    expectError(() => slice(1, 0), RangeError, 'slice: expected at least one axis, got shape []');
  });
});

test('disposed tensors', () => {
  const gone = zeros([2]);
  gone.dispose();
  expectError(() => take(gone, [0]), DisposedError, 'take: ');
  expectError(() => transpose(gone), DisposedError, 'transpose: ');
  expectError(() => concat([[1], gone]), DisposedError, 'concat: ');
  expectError(() => slice(gone, 0), DisposedError, 'slice: ');
});

test('operands that are arrays leave nothing behind', () => {
  const before = live();
  for (const call of [
    () => take([[1, 2]], [0]),
    () => transpose([[1, 2]]),
    () => concat([[[1, 2]], [[3, 4]]]),
    () => slice([1, 2], 1),
  ]) {
    call().dispose();
    expect(live()).toBe(before);
  }
});
