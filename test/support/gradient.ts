import { expect } from 'vitest';
import { type NdArray, ndarray } from '../reference/ndarray';
import { normal } from './seeds';

/**
 * Checks a reference's backward against central differences, both in float64: every component of the gradient of
 * Σ dout · f(x) with respect to x, for a random `dout`.
 * The step 1e-5 leaves an error of about h² ≈ 1e-10 from the third derivative and 1e-11 from rounding.
 */
export function expectGradient(
  f: (x: Float64Array) => ArrayLike<number>,
  backward: (dout: Float64Array, x: Float64Array) => ArrayLike<number>,
  x: Float64Array,
): void {
  const h = 1e-5;
  const dout = Float64Array.from(normal(f(x).length, { seed: 99 }));
  const along = (at: Float64Array) => {
    const y = f(at);
    return dout.reduce((sum, d, i) => sum + d * y[i]!, 0);
  };
  const dx = backward(dout, x);
  expect(dx.length).toBe(x.length);
  for (let i = 0; i < x.length; i++) {
    const shifted = (step: number) => along(x.map((v, j) => (j === i ? v + step : v)));
    const numeric = (shifted(h) - shifted(-h)) / (2 * h);
    expect(Math.abs(dx[i]! - numeric), `component ${i}: ${dx[i]} against ${numeric}`).toBeLessThan(
      1e-8 + 1e-6 * Math.abs(numeric),
    );
  }
}

/**
 * The gradient of Σ weights · f(x) in float64, by central differences. With h = 1e-5 the error is about 1e-10, far
 * below what is asked of an analytic gradient.
 */
function numericalGradient64(f: (x: NdArray) => NdArray, x: NdArray, weights: NdArray, h = 1e-5): Float64Array {
  const dot = (y: NdArray): number => y.data.reduce((total, v, i) => total + v * weights.data[i], 0);
  return x.data
    .map((v, i) => dot(f(ndarray(x.shape, x.data.with(i, v + h)))) - dot(f(ndarray(x.shape, x.data.with(i, v - h)))))
    .map((d) => d / (2 * h));
}

/** An analytic gradient of the reference against central differences of the reference, both in float64. */
export function expectGradient64(analytic: NdArray, f: (x: NdArray) => NdArray, x: NdArray, weights: NdArray): void {
  const numeric = numericalGradient64(f, x, weights);
  const scale = Math.max(...analytic.data.map(Math.abs), 1e-3);
  analytic.data.forEach((v, i) => {
    expect(Math.abs(v - numeric[i])).toBeLessThanOrEqual(1e-7 * scale);
  });
}
