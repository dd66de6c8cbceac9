/** y = tanh x. */
export function tanh(x: ArrayLike<number>): Float64Array {
  return Float64Array.from(x, Math.tanh);
}
