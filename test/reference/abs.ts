/** y = |x|. */
export function abs(x: ArrayLike<number>): Float64Array {
  return Float64Array.from(x, Math.abs);
}
