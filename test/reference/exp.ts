/** y = e^x. */
export function exp(x: ArrayLike<number>): Float64Array {
  return Float64Array.from(x, Math.exp);
}
