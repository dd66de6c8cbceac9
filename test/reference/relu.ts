/** y = max(x, 0); NaN stays NaN (book, 5.5.1). */
export function relu(x: ArrayLike<number>): Float64Array {
  return Float64Array.from(x, (v) => (v <= 0 ? 0 : v));
}

/** dx = dout where y > 0 or y is NaN, else 0. */
export function reluBackward(dout: ArrayLike<number>, y: ArrayLike<number>): Float64Array {
  return Float64Array.from(dout, (d, i) => (y[i]! <= 0 ? 0 : d));
}
