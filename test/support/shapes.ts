import fc from 'fast-check';
import { type Tensor, tensor } from '../../src/index';
import { type NdArray, ndarray, sizeOf } from '../reference/ndarray';
import { hardFloats, normal } from './seeds';

/** Shapes of up to `maxRank` axes, with zeros and ones among them, of at most a few thousand elements. */
export function shapes({ minRank = 0, maxRank = 5, min = 0, max = 6 } = {}): fc.Arbitrary<number[]> {
  const dimension = fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: Math.max(min, 1), max }) },
    { weight: 2, arbitrary: fc.constant(1) },
    { weight: 1, arbitrary: fc.constant(min) },
  );
  return fc.array(dimension, { minLength: minRank, maxLength: maxRank });
}

/** Two shapes that broadcast: the second with leading axes left out and others set to 1; either may come first. */
export const broadcastable: fc.Arbitrary<[number[], number[]]> = shapes().chain((full) =>
  fc
    .record({
      ones: fc.array(fc.constantFrom(0, 0, 1, 2, 3), { minLength: full.length, maxLength: full.length }),
      drop: fc.integer({ min: 0, max: full.length }),
      swap: fc.boolean(),
    })
    .map(({ ones, drop, swap }) => {
      // 1: one in the first; 2: one in the second; 3: one in both.
      const a = full.map((d, axis) => (ones[axis] & 1 ? 1 : d));
      const b = full.map((d, axis) => (ones[axis] & 2 ? 1 : d)).slice(drop);
      return swap ? [b, a] : [a, b];
    }),
);

/** The same numbers as a tensor and for the reference. */
export interface Pair {
  readonly t: Tensor;
  readonly nd: NdArray;
}

export function pair(shape: readonly number[], seed: number, hard = false): Pair {
  const values = hard ? hardFloats(sizeOf(shape), { seed }) : normal(sizeOf(shape), { seed });
  return { t: tensor(values, shape), nd: ndarray(shape, values) };
}
