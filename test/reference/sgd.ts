/** w − learningRate · g (book, 6.1.2). */
export function sgd(w: ArrayLike<number>, g: ArrayLike<number>, learningRate: number): Float64Array {
  return Float64Array.from(w, (v, i) => v - learningRate * g[i]!);
}
