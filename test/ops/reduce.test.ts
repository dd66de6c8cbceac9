import fc from 'fast-check';
import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  argmax,
  DisposedError,
  max,
  mean,
  min,
  OutOfMemoryError,
  ShapeError,
  sum,
  sumTo,
  tensor,
  tidy,
  zeros,
} from '../../src/index';
import * as reference from '../reference/ndarray';
import { expectClose, expectError, live } from '../support/facade';
import { normal } from '../support/seeds';
import { broadcastable, pair, shapes } from '../support/shapes';
import { expectSameBits } from '../support/ulp';

/**
 * Of a sum of n terms, as a part of Σ|x|: u = 2⁻²⁴ for each rounding that a term passes through, the result's included. In any
 * order that is n at most; sum_reduce promises 42 along neighbouring axes, which are as many runs as there are axes at most.
 */
function errorOf(shape: readonly number[], axes: readonly number[]): number {
  const terms = axes.reduce((n, axis) => n * shape.at(axis)!, 1);
  const roundings = Math.min(Math.max(terms, 1), 42 * Math.max(axes.length, 1));
  return roundings * 2 ** -24 * (1 + 2 ** -16); // and the terms of second order
}

const total = (values: number[]) => values.reduce((a, b) => a + b, 0);
const magnitude = (values: number[]) => values.reduce((a, b) => a + Math.abs(b), 0);
const average = (of: typeof total) => (values: number[]) => of(values) / values.length;

/** A shape and some of its axes, negative ones among them; none: all. */
const reductions = shapes({ minRank: 1 }).chain((shape) =>
  fc.record({
    shape: fc.constant(shape),
    axes: fc.option(
      fc.uniqueArray(fc.integer({ min: -shape.length, max: shape.length - 1 }), {
        selector: (axis) => (axis + shape.length) % shape.length,
        maxLength: shape.length,
      }),
      { nil: undefined },
    ),
    keepDims: fc.boolean(),
    seed: fc.nat(),
  }),
);

/** One axis is given as a number half of the time. */
function axisOption(axes: number[] | undefined): number | number[] | undefined {
  return axes?.length === 1 && axes[0] % 2 === 0 ? axes[0] : axes;
}

describe.each([
  ['sum', sum, total, magnitude],
  ['mean', mean, average(total), average(magnitude)],
] as const)('%s', (_name, operation, exact, scale) => {
  test('over any axes, kept or not, within a few roundings of the exact value', () => {
    fc.assert(
      fc.property(reductions, ({ shape, axes, keepDims, seed }) =>
        tidy(() => {
          const x = pair(shape, seed);
          const all = axes ?? shape.map((_, axis) => axis);
          const wanted = reference.reduce(exact, x.nd, all, keepDims);
          const bound = reference.reduce(scale, x.nd, all, keepDims).data.map((v) => v * errorOf(shape, all) + 1e-45);
          const y = operation(x.t, { axis: axisOption(axes), keepDims });
          expect(y.shape).toEqual(wanted.shape);
          expectClose(y.toTypedArray(), wanted.data, bound);
        }),
      ),
      { numRuns: 250 },
    );
  });
});

describe.each([
  ['max', max, Math.max],
  ['min', min, Math.min],
] as const)('%s', (name, operation, choose) => {
  test('over any axes, kept or not, is exact, NaN included; an empty choice is a ShapeError', () => {
    fc.assert(
      fc.property(reductions, ({ shape, axes, keepDims, seed }) =>
        tidy(() => {
          const x = pair(shape, seed, true);
          const all = axes ?? shape.map((_, axis) => axis);
          const wanted = reference.reduce((values) => choose(...values), x.nd, all, keepDims);
          const options = { axis: axisOption(axes), keepDims };
          const chosen = all.reduce((n, axis) => n * shape.at(axis)!, 1);
          if (chosen === 0 && wanted.data.length > 0) {
            expectError(() => operation(x.t, options), ShapeError, `${name}: expected at least one element`);
          } else {
            const y = operation(x.t, options);
            expect(y.shape).toEqual(wanted.shape);
            expectSameBits(y.toTypedArray(), wanted.data);
          }
        }),
      ),
      { numRuns: 250 },
    );
  });
});

describe('argmax', () => {
  const first = (values: number[]) => {
    const nan = values.findIndex(Number.isNaN);
    return nan >= 0 ? nan : values.indexOf(Math.max(...values));
  };

  test('over any axis: the lowest index of the largest, or of the first NaN', () => {
    fc.assert(
      fc.property(shapes({ minRank: 1, min: 1 }), fc.nat(), fc.nat(), (shape, seed, pick) =>
        tidy(() => {
          const x = pair(shape, seed, true);
          const axis = (pick % (2 * shape.length)) - shape.length;
          const y = argmax(x.t, { axis });
          expect(y).toBeInstanceOf(Int32Array);
          expect(Array.from(y)).toEqual(Array.from(reference.reduce(first, x.nd, [axis], false).data));
          expect(argmax(x.t)).toBe(first(Array.from(x.nd.data)));
        }),
      ),
      { numRuns: 150 },
    );
  });

  test('a number without axis, an Int32Array with, an entry for each remaining index', () => {
    expectTypeOf(argmax([1, 2])).toEqualTypeOf<number>();
    expectTypeOf(argmax([1, 2], { axis: 0 })).toEqualTypeOf<Int32Array<ArrayBuffer>>();
    expect(argmax([3, 3, 1])).toBe(0);
    expect(argmax(5)).toBe(0);
    expect(argmax([1, 2], { axis: 0 })).toEqual(Int32Array.of(1));
    expect(
      argmax(
        [
          [1, 2],
          [4, 3],
        ],
        { axis: -1 },
      ),
    ).toEqual(Int32Array.of(1, 0));
    expect(argmax(zeros([0, 3]), { axis: 1 })).toEqual(new Int32Array(0));
    expect(argmax(zeros([0, 0]), { axis: 1 })).toEqual(new Int32Array(0));
    expect(argmax([1, 2], {})).toBe(1);
    expect(argmax([[1, 2]], { axis: 1, keepDims: true })).toEqual(Int32Array.of(1));
    expect(argmax([1, 2], { axis: undefined })).toBe(1);
  });

  test('of nothing is a ShapeError', () => {
    expectError(() => argmax([]), ShapeError, 'argmax: expected at least one element to choose from, got shape [0]');
    expectError(() => argmax(zeros([2, 0]), { axis: 1 }), ShapeError, 'argmax: expected at least one element');
  });

  test('checks its arguments', () => {
    expectError(
      () => argmax([1, 2], { axis: 1 }),
      RangeError,
      'argmax: expected axis to be an integer in -1 … 0, got 1',
    );
    expectError(() => argmax([1, 2], { axis: '0' } as never), TypeError, 'argmax: expected axis to be a number');
    expectError(() => argmax([1, 2], { keepDims: 1 } as never), TypeError, 'argmax: expected keepDims to be a boolean');
    expectError(() => argmax([1, 2], { out: 1 } as never), TypeError, 'argmax: unknown option "out"');
  });
});

describe('sumTo', () => {
  test('undoes broadcasting: sums over what it repeated', () => {
    fc.assert(
      fc.property(broadcastable, fc.nat(), ([a, b], seed) =>
        tidy(() => {
          const full = reference.broadcastShape(a, b);
          const x = pair(full, seed);
          for (const shape of [a, b]) {
            const wanted = reference.sumTo(x.nd, shape);
            const bound = reference
              .sumTo(reference.ndarray(full, x.nd.data.map(Math.abs)), shape)
              .data.map((v) => v * 2 ** -22 + 1e-45);
            const y = sumTo(x.t, shape);
            expect(y.shape).toEqual(shape);
            expectClose(y.toTypedArray(), wanted.data, bound);
          }
        }),
      ),
      { numRuns: 150 },
    );
  });

  test('where nothing is repeated, a copy: negative zeros stay', () => {
    const x = tensor([[-0, 1]]);
    for (const shape of [[1, 2], [2]]) expectSameBits(sumTo(x, shape).toTypedArray(), x.toTypedArray());
  });

  test('the same shape gives a copy', () => {
    const x = tensor([1, 2]);
    const y = sumTo(x, [2]);
    x.set([9, 9]);
    expect(y.toArray()).toEqual([1, 2]);
  });

  test.each([
    [[3], [2]],
    [[2], [1, 2]],
    [[1], [2]],
    [[2, 3], [2]],
  ])('%j to %j is a ShapeError', (from, to) => {
    expectError(() => sumTo(zeros(from), to), ShapeError, `sumTo: `);
  });
});

test('sum and mean of nothing are 0 and NaN, along any axis', () => {
  expect(sum([]).item()).toBe(0);
  expect(mean([]).item()).toBeNaN();
  expect(sum(zeros([2, 0]), { axis: 1 }).toArray()).toEqual([0, 0]);
  expect(mean(zeros([0, 2]), { axis: 0 }).toArray()).toEqual([Number.NaN, Number.NaN]);
  expect(sum(zeros([0, 3]), { axis: 1, keepDims: true }).shape).toEqual([0, 1]);
});

test('2^24 + 16 ones sum to 16,777,232, along either axis', () => {
  const n = 2 ** 24 + 16;
  const x = zeros([n]);
  x.data.fill(1);
  expect(sum(x).item()).toBe(n);
  expect(sum(x.reshape([n, 1]), { axis: 0 }).toArray()).toEqual([n]);
  expect(mean(x).item()).toBe(1);
  x.dispose();
});

test('dimensions whose product overflows, with one of 0: nothing to choose from, nothing to add', () => {
  const x = zeros([...new Array(40).fill(2 ** 32 - 1), 0]);
  expectError(() => max(x), ShapeError, 'max: expected at least one element to choose from');
  expect(sum(x).item()).toBe(0);
});

test('an empty list of axes reduces nothing, and the result is a copy', () => {
  const x = tensor([[1, 2]]);
  const y = sum(x, { axis: [] });
  expect(y).not.toBe(x);
  expect(y.toArray()).toEqual([[1, 2]]);
});

test('arguments are checked before anything is allocated', () => {
  const x = zeros([2, 3]);
  const gone = zeros([1]);
  gone.dispose();
  const before = live();
  for (const [name, operation] of Object.entries({ sum, mean, max, min })) {
    expectError(
      () => operation(x, { axis: 2 }),
      RangeError,
      `${name}: expected axis to be an integer in -2 … 1, got 2`,
    );
    expectError(
      () => operation(x, { axis: -3 }),
      RangeError,
      `${name}: expected axis to be an integer in -2 … 1, got -3`,
    );
    expectError(() => operation(x, { axis: [0, -2] }), RangeError, `${name}: axis -2 is given twice`);
    expectError(() => operation(x, { axis: 0.5 }), RangeError, `${name}: expected axis to be an integer`);
    expectError(
      () => operation(x, { axis: null } as never),
      TypeError,
      `${name}: expected axis to be a number, got null`,
    );
    expectError(
      () => operation(x, { keepDims: 1 } as never),
      TypeError,
      `${name}: expected keepDims to be a boolean, got 1`,
    );
    expectError(() => operation(x, { keepdims: true } as never), TypeError, `${name}: unknown option "keepdims"`);
    expectError(() => operation(x, 1 as never), TypeError, `${name}: expected options to be an object, got 1`);
    expectError(() => operation(x, [] as never), TypeError, `${name}: expected options to be an object`);
    expectError(() => operation(gone), DisposedError, `${name}: x: this tensor was disposed`);
    expectError(() => operation([[1], [2, 3]]), TypeError, `${name}: x[1] has 2 elements where its neighbours have 1`);
  }
  expect(live()).toBe(before);
});

test('operands that are arrays leave nothing behind', () => {
  const before = live();
  for (const operation of [sum, mean, max, min]) {
    operation([[1, 2]]).dispose();
    operation([[1, 2]], { axis: [0, 1] }).dispose();
  }
  sumTo([[1, 2]], [2]).dispose();
  argmax([[1, 2]]);
  argmax([[1, 2]], { axis: 0 });
  expect(live()).toBe(before);
});

test('dimensions whose product overflows, and what is left of them: nothing, or too much', () => {
  const huge = new Array(40).fill(2 ** 32 - 1);
  for (const operation of [sum, mean, max, min]) {
    for (const axis of [-2, [-2]]) {
      const y = operation(zeros([...huge, 3, 0]), { axis });
      expect([y.shape, y.size]).toEqual([[...huge, 0], 0]);
    }
  }
  for (const operation of [sum, mean]) {
    for (const axis of [-1, [-1]]) {
      expectError(
        () => operation(zeros([...huge, 0]), { axis }),
        OutOfMemoryError,
        `${operation.name}: a tensor of shape [`,
      );
    }
  }
});

test('where no element is asked for, none is missed', () => {
  for (const operation of [max, min]) {
    expect(operation(zeros([0, 0]), { axis: 0 }).shape).toEqual([0]);
    expect(operation(zeros([0, 0, 3]), { axis: [0, 2] }).shape).toEqual([0]);
  }
  expect(argmax(zeros([0, 0]), { axis: 0 })).toEqual(new Int32Array(0));
});

test('neighbouring axes are one: the bits are those of a single axis as long', () => {
  const x = tensor(normal(1 << 14, { seed: 1 })).reshape([64, 16, 16]);
  expectSameBits(sum(x, { axis: [0, 1, 2] }).toTypedArray(), sum(x).toTypedArray());
  expectSameBits(sum(x, { axis: [0, 1] }).toTypedArray(), sum(x.reshape([1024, 16]), { axis: 0 }).toTypedArray());
});
