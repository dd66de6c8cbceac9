/** y = √x. */
export function sqrt(x: ArrayLike<number>): Float64Array {
  return Float64Array.from(x, Math.sqrt);
}
