import { expect } from 'vitest';
import { type NdArray, ndarray } from '../reference/ndarray';
import { normal } from './seeds';

/**
 * The gradient of Σ weights · f(x) in float64, by central differences. The step 1e-5 leaves an error of about h² = 1e-10 from the
 * third derivative and 1e-11 from rounding.
 */
function centralDifferences(
  f: (x: Float64Array) => ArrayLike<number>,
  x: Float64Array,
  weights: Float64Array,
): Float64Array {
  const h = 1e-5;
  const along = (at: Float64Array) => {
    const y = f(at);
    return weights.reduce((sum, weight, i) => sum + weight * y[i]!, 0);
  };
  return x.map((v, i) => (along(x.with(i, v + h)) - along(x.with(i, v - h))) / (2 * h));
}

/** Checks the backward of a reference for a random `dout`: every component of the gradient of Σ dout · f(x). */
export function expectGradient(
  f: (x: Float64Array) => ArrayLike<number>,
  backward: (dout: Float64Array, x: Float64Array) => ArrayLike<number>,
  x: Float64Array,
): void {
  const dout = Float64Array.from(normal(f(x).length, { seed: 99 }));
  const dx = backward(dout, x);
  expect(dx.length).toBe(x.length);
  for (const [i, numeric] of centralDifferences(f, x, dout).entries()) {
    expect(Math.abs(dx[i]! - numeric), `component ${i}: ${dx[i]} against ${numeric}`).toBeLessThan(
      1e-8 + 1e-6 * Math.abs(numeric),
    );
  }
}

/** Checks a gradient that a reference of arrays with shapes has computed: of Σ weights · f(x), by the largest of its components. */
export function expectGradient64(analytic: NdArray, f: (x: NdArray) => NdArray, x: NdArray, weights: NdArray): void {
  const numeric = centralDifferences((at) => f(ndarray(x.shape, at)).data, x.data, weights.data);
  const scale = Math.max(...analytic.data.map(Math.abs), 1e-3);
  expect(analytic.data.length).toBe(numeric.length);
  analytic.data.forEach((v, i) => {
    expect(Math.abs(v - numeric[i])).toBeLessThanOrEqual(1e-7 * scale);
  });
}
