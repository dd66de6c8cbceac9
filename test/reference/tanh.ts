/** y = tanh x. */
export function tanh(x: ArrayLike<number>): Float64Array {
  return Float64Array.from(x, Math.tanh);
}

/** dx = dout · (1 − y²), y the output. */
export function tanhBackward(dout: ArrayLike<number>, y: ArrayLike<number>): Float64Array {
  return Float64Array.from(dout, (d, i) => d * (1 - y[i]! * y[i]!));
}
