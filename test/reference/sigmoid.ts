/** y = 1 / (1 + e^-x) (book, 3.2.4). */
export function sigmoid(x: ArrayLike<number>): Float64Array {
  return Float64Array.from(x, (v) => 1 / (1 + Math.exp(-v)));
}

/** dx = dout · y · (1 − y), y the output (book, 5.5.2). */
export function sigmoidBackward(dout: ArrayLike<number>, y: ArrayLike<number>): Float64Array {
  return Float64Array.from(dout, (d, i) => d * y[i]! * (1 - y[i]!));
}
