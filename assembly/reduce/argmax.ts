import { store_front } from '../math/lanes';
import { max_row } from './max_row';

/**
 * Elements of a block: a row is scanned for its maximum block by block, and only the block that has it is searched again
 * (npm run bench -- argmax --shape 128x1000 --sweep reduce/argmax:BLOCK=64,1024).
 */
const BLOCK: i32 = 256;
/**
 * Rows shorter than this (no less than 4) are compared element by element, without a branch that depends on them
 * (npm run bench -- argmax --shape 1000x10 --sweep reduce/argmax:FEW=16).
 */
const FEW: i32 = 8;

/**
 * y[o, i] = the lowest a with x[o, a, i] = maxₐ x[o, a, i]; the first NaN wins over every number.
 * y: i32, x: f32; x[o, a, i] at x + o·axis·stride + a·stride + i and y[o, i] at y + o·stride + i (stride = inner for
 * the whole of f32[outer, axis, inner]). axis ≥ 1. −0 and +0 are equal. Up to 12 bytes behind x are read.
 * Any split over outer or inner gives the same indices.
 */
export function argmax_reduce(y: usize, x: usize, outer: i32, axis: i32, inner: i32, stride: i32): void {
  const slab = <usize>axis * (<usize>stride << 2);
  for (; outer > 0; outer--, x += slab, y += <usize>stride << 2) {
    if (stride == 1 && axis >= FEW) {
      store<i32>(y, argmax_row(x, axis));
    } else {
      let p = x;
      let q = y;
      for (let left = inner; left > 0; left -= 4, p += 16, q += 16) {
        store_front(q, argmax_columns(p, axis, stride), left);
      }
    }
  }
}

function argmax_row(x: usize, n: i32): i32 {
  let best = max_row(x, min(n, BLOCK), 0);
  let at = 0;
  // NaN ends the search: no comparison with it is true, and the first NaN is in the block at hand.
  for (let a = BLOCK; a < n && best == best; a += BLOCK) {
    const m = max_row(x + (<usize>a << 2), min(n - a, BLOCK), 0);
    if (!(m <= best)) {
      best = m;
      at = a;
    }
  }
  return at + find_row(x + (<usize>at << 2), best);
}

/** The lowest i with x[i] = value or x[i] NaN; there is one. Up to 12 bytes behind it are read. */
function find_row(x: usize, value: f32): i32 {
  const wanted = f32x4.splat(value);
  let i = 0;
  let mask = i32x4.bitmask(matches(v128.load(x), wanted));
  while (!mask) {
    i += 4;
    mask = i32x4.bitmask(matches(v128.load(x + (<usize>i << 2)), wanted));
  }
  return i + ctz(mask);
}

// @ts-ignore: decorator
@inline
function matches(v: v128, wanted: v128): v128 {
  return v128.or(f32x4.eq(v, wanted), f32x4.ne(v, v));
}

/** Four columns from their first row on; lanes behind the last column are nobody's. */
// @ts-ignore: decorator
@inline
function argmax_columns(x: usize, axis: i32, stride: i32): v128 {
  let best = v128.load(x);
  let index = i32x4.splat(0);
  const row = <usize>stride << 2;
  for (let a = 1; a < axis; a++) {
    x += row;
    const v = v128.load(x);
    // Above best or NaN, and best not yet NaN.
    const better = v128.andnot(f32x4.eq(best, best), f32x4.le(v, best));
    best = v128.bitselect(v, best, better);
    index = v128.bitselect(i32x4.splat(a), index, better);
  }
  return index;
}
