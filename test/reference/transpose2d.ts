/** y[c, r] = x[r, c], both contiguous. */
export function transpose2d(x: ArrayLike<number>, rows: number, cols: number): Float32Array {
  return Float32Array.from({ length: rows * cols }, (_, at) => x[(at % rows) * cols + Math.floor(at / rows)]!);
}
