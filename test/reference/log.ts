/** y = ln x. */
export function log(x: ArrayLike<number>): Float64Array {
  return Float64Array.from(x, Math.log);
}
