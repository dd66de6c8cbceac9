import { normal } from './seeds';

/** Row lengths that cross the vector width, the padding of short rows and the summation blocks. */
export const COLS = [1, 2, 3, 4, 5, 7, 8, 9, 10, 15, 16, 17, 31, 64, 257, 1000, 4096];

/**
 * Logits whose rows have character: flat, sharp, far from zero, with -Inf, with differences far beyond where float32
 * loses e^x; no row is without a finite maximum.
 */
export function logits(rows: number, cols: number, { seed = 1 } = {}): Float32Array {
  const x = normal(rows * cols, { seed });
  for (let r = 0; r < rows; r++) {
    const row = x.subarray(r * cols, (r + 1) * cols);
    const reshape = [
      (v: number) => v,
      () => row[0]!,
      (v: number) => v * 30,
      (v: number) => v + 1000,
      (v: number, j: number) => (j % 3 === 1 ? -Infinity : v),
      (v: number) => v * 1e30,
    ][r % 6]!;
    row.set(row.map(reshape));
  }
  return x;
}

/** Rows of ordinary logits in which row 1 holds a NaN, row 2 +Inf and row 3 only -Inf. */
export function poisonedRows(cols: number): Float32Array {
  const x = normal(5 * cols, { seed: 3 });
  x[cols + Math.floor(cols / 2)] = NaN;
  x[2 * cols + cols - 1] = Infinity;
  x.fill(-Infinity, 3 * cols, 4 * cols);
  return x;
}
