/** y[o, i] = the lowest a where x[o, a, i] is greatest; the first NaN wins. */
export function argmax(x: ArrayLike<number>, outer: number, axis: number, inner: number): Int32Array {
  return Int32Array.from({ length: outer * inner }, (_, at) => {
    const first = Math.floor(at / inner) * axis * inner + (at % inner);
    let best = 0;
    for (let a = 0; a < axis; a++) {
      const v = x[first + a * inner]!;
      if (Number.isNaN(v)) return a;
      if (v > x[first + best * inner]!) best = a;
    }
    return best;
  });
}
