import { expect } from 'vitest';
import { type NdArray, ndarray } from '../reference/ndarray';

/**
 * The gradient of Σ weights · f(x) in float64, by central differences. With h = 1e-5 the error is about 1e-10, far
 * below what is asked of an analytic gradient.
 */
export function numericalGradient64(f: (x: NdArray) => NdArray, x: NdArray, weights: NdArray, h = 1e-5): Float64Array {
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
