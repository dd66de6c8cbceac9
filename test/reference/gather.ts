/** y[o, j, i] = x[o, indices[j], i]. */
export function gather(
  x: ArrayLike<number>,
  indices: ArrayLike<number>,
  outer: number,
  axis: number,
  inner: number,
): Float32Array {
  const count = indices.length;
  return Float32Array.from({ length: outer * count * inner }, (_, at) => {
    const i = at % inner;
    const j = Math.floor(at / inner) % count;
    const o = Math.floor(at / (inner * count));
    return x[(o * axis + indices[j]!) * inner + i]!;
  });
}
