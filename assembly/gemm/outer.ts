import { hiddenZero } from '../math/held';
import { madd4 } from '../math/madd';

/** Columns that {@link outer} computes at a time, and the fewest that it can. */
export const OUTER_COLUMNS: i32 = 16;

/**
 * C = A·B for one column A and one row B. C is written in order, row by row, where tiles, made for long sums, wrote six rows
 * at a time. c: f32[m, n], ldc bytes a row, n ≥ OUTER_COLUMNS, overlapping neither; a: f32[m], aRow bytes from one element
 * to the next; b: f32[n]. The bits are those of the tiles.
 */
export function outer(c: usize, ldc: usize, a: usize, aRow: usize, b: usize, m: i32, n: i32): void {
  const zero = hiddenZero(m);
  // The last columns begin earlier, so that there are as many as always: some are computed twice.
  const last = <usize>(n - OUTER_COLUMNS) << 2;
  for (; m > 0; --m, a += aRow, c += ldc) {
    const x = v128.load32_splat(a);
    for (let j: usize = 0; ; j = min(j + 64, last)) {
      const p = b + j, q = c + j;
      v128.store(q, madd4(x, v128.load(p), zero));
      v128.store(q, madd4(x, v128.load(p, 16), zero), 16);
      v128.store(q, madd4(x, v128.load(p, 32), zero), 32);
      v128.store(q, madd4(x, v128.load(p, 48), zero), 48);
      if (j == last) break;
    }
  }
}
