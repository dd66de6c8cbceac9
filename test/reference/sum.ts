/** y[o, i] = Σₐ x[o, a, i] / divisor. */
export function sum(x: ArrayLike<number>, outer: number, axis: number, inner: number, divisor = 1): Float64Array {
  const y = new Float64Array(outer * inner);
  for (let o = 0; o < outer; o++) {
    for (let a = 0; a < axis; a++) {
      for (let i = 0; i < inner; i++) y[o * inner + i]! += x[(o * axis + a) * inner + i]!;
    }
  }
  return y.map((v) => v / divisor);
}
