/** y[o, i] = maxₐ x[o, a, i]; NaN if any is, +0 above -0, as `Math.max`. */
export function max(x: ArrayLike<number>, outer: number, axis: number, inner: number): Float64Array {
  return reduce(Math.max, x, outer, axis, inner);
}

/** y[o, i] = minₐ x[o, a, i]. */
export function min(x: ArrayLike<number>, outer: number, axis: number, inner: number): Float64Array {
  return reduce(Math.min, x, outer, axis, inner);
}

function reduce(
  op: (a: number, b: number) => number,
  x: ArrayLike<number>,
  outer: number,
  axis: number,
  inner: number,
): Float64Array {
  return Float64Array.from({ length: outer * inner }, (_, at) => {
    const first = Math.floor(at / inner) * axis * inner + (at % inner);
    let y = x[first]!;
    for (let a = 1; a < axis; a++) y = op(y, x[first + a * inner]!);
    return y;
  });
}
