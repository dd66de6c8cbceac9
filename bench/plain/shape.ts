/** y [cols, rows] = xᵀ, in squares that fit the nearest cache. */
export function transpose(y: Float32Array, x: Float32Array, rows: number, cols: number): void {
  const B = 16;
  for (let i0 = 0; i0 < rows; i0 += B) {
    const i1 = Math.min(rows, i0 + B);
    for (let j0 = 0; j0 < cols; j0 += B) {
      const j1 = Math.min(cols, j0 + B);
      for (let i = i0; i < i1; i++) for (let j = j0; j < j1; j++) y[j * rows + i] = x[i * cols + j]!;
    }
  }
}

/** y [b, c, a] = x [a, b, c] with the first axis last. */
export function rotateAxes(y: Float32Array, x: Float32Array, a: number, b: number, c: number): void {
  transpose(y, x, a, b * c);
}

/** y [indices.length, cols] = those rows of x. */
export function takeRows(y: Float32Array, x: Float32Array, indices: Int32Array): void {
  const cols = y.length / indices.length;
  for (let i = 0; i < indices.length; i++) {
    const from = indices[i]! * cols;
    y.set(x.subarray(from, from + cols), i * cols);
  }
}

/** y [rows, indices.length] = those columns of x. */
export function takeColumns(y: Float32Array, x: Float32Array, indices: Int32Array, cols: number): void {
  const count = indices.length;
  for (let from = 0, to = 0; to < y.length; from += cols, to += count) {
    for (let j = 0; j < count; j++) y[to + j] = x[from + indices[j]!]!;
  }
}

/** y [rows, end − begin] = those columns of x. */
export function sliceColumns(y: Float32Array, x: Float32Array, cols: number, begin: number, end: number): void {
  const width = end - begin;
  for (let from = begin, to = 0; to < y.length; from += cols, to += width) y.set(x.subarray(from, from + width), to);
}
