import { store_front } from '../math/lanes';
import { flip_sign, max_row } from './max_row';

/**
 * y[o, i] = maxₐ x[o, a, i], with x[o, a, i] at x + o·axis·stride + a·stride + i and y[o, i] at y + o·stride + i
 * (stride = inner for the whole of f32[outer, axis, inner]). axis ≥ 1; y must not overlap x. Unless stride = 1, up to
 * 12 bytes behind x and y are read.
 * NaN if any of the axis is; the maximum of −0 and +0 is +0. Exact, so any split gives the same bits.
 */
export function max_reduce(y: usize, x: usize, outer: i32, axis: i32, inner: i32, stride: i32): void {
  extremum_reduce(y, x, outer, axis, inner, stride, 0);
}

/** y[o, i] = minₐ x[o, a, i], in all else as {@link max_reduce}; the minimum of −0 and +0 is −0. */
export function min_reduce(y: usize, x: usize, outer: i32, axis: i32, inner: i32, stride: i32): void {
  extremum_reduce(y, x, outer, axis, inner, stride, i32.MIN_VALUE);
}

/**
 * Rows that one pass along the columns takes in. y is read and written once for so many; with 32, a page apart each, the
 * prefetcher no longer follows (npm run bench -- max --sweep reduce/max:ROWS=8,32).
 */
const ROWS: i32 = 16;

/** The maximum, or with `sign` the sign bit, the minimum. */
function extremum_reduce(
  y: usize, x: usize, outer: i32, axis: i32, inner: i32, stride: i32, sign: i32,
): void {
  const row = <usize>stride << 2;
  const flip = i32x4.splat(sign);
  for (; outer > 0; outer--, y += row) {
    if (stride == 1) {
      store<f32>(y, flip_sign(max_row(x, axis, sign), sign));
      x += <usize>axis << 2;
    } else {
      // The first row, or what the rows so far gave.
      let soFar = x;
      x += row;
      let left = axis - 1;
      do {
        const rows = min(left, ROWS);
        for (let i: usize = 0, rest = inner; rest > 0; rest -= 4, i += 16) {
          const m = v128.xor(v128.load(soFar + i), flip);
          store_front(y + i, v128.xor(max_columns(m, x + i, rows, row, flip), flip), rest);
        }
        soFar = y;
        x += row * rows;
        left -= rows;
      } while (left > 0);
    }
  }
}

/**
 * max(m, xₐ ^ flip) of four columns over `rows` rows, `row` bytes apart.
 *
 * `f32x4.max` is eight instructions on x86, each of which waits for the one before. `pmax` is one: it keeps a NaN that m
 * is, but passes over one in x, and of two zeros it takes the first. So the NaNs are collected beside it, and the signs:
 * a maximum has its sign bit only if all have.
 */
// @ts-ignore: decorator
@inline
function max_columns(m: v128, x: usize, rows: i32, row: usize, flip: v128): v128 {
  let signs = m;
  let nan = i32x4.splat(0);
  for (; rows > 0; rows--, x += row) {
    const v = v128.xor(v128.load(x), flip);
    m = f32x4.pmax(m, v);
    signs = v128.and(signs, v);
    nan = v128.or(nan, f32x4.ne(v, v));
  }
  return v128.or(v128.bitselect(signs, m, i32x4.splat(i32.MIN_VALUE)), nan);
}
