/** y = −x. */
export function neg(x: ArrayLike<number>): Float64Array {
  return Float64Array.from(x, (v) => -v);
}
