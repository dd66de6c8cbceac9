/** y[i, j, …] = x[i·strides[0] + j·strides[1] + …], y contiguous of shape `dims`. */
export function permute(x: ArrayLike<number>, dims: number[], strides: number[]): Float32Array {
  const size = dims.reduce((n, d) => n * d, 1);
  return Float32Array.from({ length: size }, (_, at) => {
    let rest = at;
    let offset = 0;
    for (let d = dims.length - 1; d >= 0; d--) {
      offset += (rest % dims[d]!) * strides[d]!;
      rest = Math.floor(rest / dims[d]!);
    }
    return x[offset]!;
  });
}
