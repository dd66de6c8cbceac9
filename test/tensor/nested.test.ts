import fc from 'fast-check';
import { expect, test } from 'vitest';
import { backendInfo, type NestedArray, tensor, zeros } from '../../src/index';
import { shapes } from '../support/shapes';

const float = fc.float({ noNaN: true });

/** Nested arrays of a shape, filled from a generator of values. */
function nestedOf(shape: number[], values: () => number): NestedArray | number {
  return shape.length === 0 ? values() : Array.from({ length: shape[0] }, () => nestedOf(shape.slice(1), values));
}

test('toArray is the inverse of tensor, for any shape and any float32', () => {
  fc.assert(
    fc.property(shapes({ maxRank: 6, max: 4 }), fc.array(float, { minLength: 1, maxLength: 50 }), (shape, pool) => {
      let i = 0;
      const nested = nestedOf(shape, () => pool[i++ % pool.length]);
      const t = tensor(nested);
      const empty = shape.indexOf(0);
      // After an axis of length 0 there is nothing to tell the axes behind it from.
      expect(t.shape).toEqual(empty < 0 ? shape : shape.slice(0, empty + 1));
      expect(t.toArray()).toEqual(nested);
      t.dispose();
    }),
    { numRuns: 200 },
  );
});

test('32 dimensions, and not one more', () => {
  const deep = (n: number): unknown => (n === 0 ? 1 : [deep(n - 1)]);
  expect(tensor(deep(32) as NestedArray).rank).toBe(32);
  expect(() => tensor(deep(33) as NestedArray)).toThrow('at most 32 dimensions');
});

test('views of our own memory as data, where the copy makes the memory grow', () => {
  zeros([1]).dispose(); // the first call makes the memory
  for (const wrap of [(view: Float32Array) => view, (view: Float32Array) => [view]]) {
    using half = zeros([backendInfo().memory.bytes / 8]);
    half.set([1, 2, 3], half.size - 3);
    const view = half.data.subarray(3);
    using copy = tensor(wrap(view));
    expect(view.length).toBe(0); // the memory has grown
    expect([...copy.data.subarray(-3)]).toEqual([1, 2, 3]);
  }
});
