import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stridesIn, Walk } from '../../src/ops/walk';

const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 5 });

/** Where each element is, in row-major order, by the definition of a stride. */
function positions(shape: readonly number[], strides: readonly number[]): number[] {
  let at = [0];
  for (const [axis, dimension] of shape.entries()) {
    at = at.flatMap((start) => Array.from({ length: dimension }, (_, i) => start + i * strides[axis]!));
  }
  return at;
}

/** The same by a walk, whose blocks have their last axis first. */
function walked(shape: readonly number[], p: readonly number[], q: readonly number[], inner: number) {
  const walk = new Walk(shape, p, q, inner);
  expect(walk.dims.length).toBeGreaterThanOrEqual(inner);
  const block = (own: readonly number[], start: number) =>
    positions(walk.dims.slice(0, inner).reverse(), own.slice(0, inner).reverse()).map((at) => start + at);
  const found: [number[], number[]] = [[], []];
  do {
    found[0].push(...block(walk.p, walk.pStart));
    found[1].push(...block(walk.q, walk.qStart));
  } while (walk.next());
  return found;
}

describe('Walk', () => {
  test('passes every element of both arrays in order, whatever is a block', () => {
    const cases = shapes.chain((shape) =>
      fc.record({
        shape: fc.constant(shape),
        repeated: fc.array(fc.boolean(), { minLength: shape.length, maxLength: shape.length }),
        order: fc.shuffledSubarray([...shape.keys()], { minLength: shape.length }),
        inner: fc.nat(4),
      }),
    );
    fc.assert(
      fc.property(cases, ({ shape, repeated, order, inner }) => {
        // One array is repeated along some axes, the other has its axes in another order.
        const p = stridesIn(
          shape.map((dimension, axis) => (repeated[axis] ? 1 : dimension)),
          shape,
        );
        const own = stridesIn(
          order.map((axis) => shape[axis]!),
          order.map((axis) => shape[axis]!),
        );
        const q = shape.map((_, axis) => own[order.indexOf(axis)]!);
        expect(walked(shape, p, q, inner)).toEqual([positions(shape, p), positions(shape, q)]);
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ['one run', [2, 3, 4], [12, 4, 1], [12, 4, 1], [24]],
    ['a row for every row', [2, 3, 4], [12, 4, 1], [0, 0, 1], [4, 6]],
    ['a number for every row', [2, 3, 4], [12, 4, 1], [3, 1, 0], [4, 6]],
    ['axes of length 1', [1, 5, 1], [7, 1, 7], [8, 1, 8], [5]],
    ['another order of axes', [3, 4, 2], [4, 1, 12], [4, 1, 12], [2, 12]],
    ['no axes', [], [], [], []],
  ])('has as few axes as can be: %s', (_, shape, p, q, dims) => {
    expect(new Walk(shape, p, q, 0).dims).toEqual(dims);
  });

  test('has ones before the axes that there are', () => {
    expect(new Walk([5], [1], [0], 3)).toMatchObject({ dims: [5, 1, 1], p: [1, 0, 0], q: [0, 0, 0] });
  });
});

describe('strides', () => {
  test.each([
    [[2, 3, 4], [2, 3, 4], 0, [12, 4, 1]],
    [[3, 1], [2, 3, 4], 0, [0, 1, 0]],
    [[], [2, 3], 0, [0, 0]],
    [[5, 1, 2, 9, 9], [5, 4, 2], 2, [2, 0, 1]],
    [[9, 9], [5], 2, [0]],
    [[9], [5], 2, [0]],
  ])('of %j in %j, %i axes behind', (from, to, behind, strides) => {
    expect(stridesIn(from, to, behind)).toEqual(strides);
  });
});
