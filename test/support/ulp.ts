import { expect } from 'vitest';
import { ordered } from './ordered';

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
