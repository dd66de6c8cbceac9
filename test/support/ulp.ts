import { expect } from 'vitest';

const bits = new Int32Array(1);
const value = new Float32Array(bits.buffer);

/** Maps float32 to integers so that neighbours differ by one; both zeros are 0. */
function ordered(x: number): number {
  value[0] = x;
  const b = bits[0]!;
  return b < 0 ? -(b & 0x7fffffff) : b;
}

/**
 * Distance of a float32 result from the correctly rounded one, in float32 steps: Infinity counts as one step beyond
 * the largest float, ±0 are the same. Infinite when only one is NaN.
 */
export function ulpDistance(actual: number, exact: number): number {
  const rounded = Math.fround(exact);
  if (Number.isNaN(exact) || Number.isNaN(actual)) return Number.isNaN(exact) === Number.isNaN(actual) ? 0 : Infinity;
  return Math.abs(ordered(actual) - ordered(rounded));
}

/** Every element of `actual` within `max` ULP of `exact`, NaN where `exact` is NaN. */
export function expectWithinUlp(actual: ArrayLike<number>, exact: ArrayLike<number>, max: number): void {
  expect(actual.length).toBe(exact.length);
  for (let i = 0; i < exact.length; i++) {
    const distance = ulpDistance(actual[i]!, exact[i]!);
    if (distance > max)
      expect.fail(`element ${i}: got ${actual[i]}, exact ${exact[i]}, ${distance} ULP apart, allowed ${max}`);
  }
}

/** The same bits, element by element; any NaN equals any NaN, and -0 differs from 0. */
export function expectSameBits(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    if (!Object.is(actual[i], expected[i])) expect.fail(`element ${i}: got ${actual[i]}, expected ${expected[i]}`);
  }
}
