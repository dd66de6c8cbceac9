import { max_row, flip_sign } from './max-row';

/**
 * y[o, i] = maxₐ x[o, a, i], with x[o, a, i] at x + o·axis·stride + a·stride + i and y[o, i] at y + o·stride + i
 * (stride = inner for the whole of f32[outer, axis, inner]). axis ≥ 1; y must not overlap x.
 * NaN if any of the axis is; the maximum of −0 and +0 is +0. Exact, so any split gives the same bits.
 */
export function max_reduce(y: usize, x: usize, outer: i32, axis: i32, inner: i32, stride: i32): void {
  extremum_reduce(y, x, outer, axis, inner, stride, 0);
}

/** y[o, i] = minₐ x[o, a, i], in all else as {@link max_reduce}; the minimum of −0 and +0 is −0. */
export function min_reduce(y: usize, x: usize, outer: i32, axis: i32, inner: i32, stride: i32): void {
  extremum_reduce(y, x, outer, axis, inner, stride, i32.MIN_VALUE);
}

/** The maximum of x with the bits of `sign` flipped, flipped back: min(x) = −max(−x), down to the zeros. */
function extremum_reduce(
  y: usize, x: usize, outer: i32, axis: i32, inner: i32, stride: i32, sign: i32,
): void {
  const slab = <usize>axis * (<usize>stride << 2);
  const flip = i32x4.splat(sign);
  for (; outer > 0; outer--, x += slab, y += <usize>stride << 2) {
    if (stride == 1) {
      store<f32>(y, flip_sign(max_row(x, axis, sign), sign));
    } else {
      let p = x;
      let q = y;
      let left = inner;
      for (; left >= 16; left -= 16, p += 64, q += 64) max_columns16(q, p, axis, stride, flip);
      for (; left > 0; left--, p += 4, q += 4) max_column(q, p, axis, stride, flip);
    }
  }
}

function max_columns16(y: usize, x: usize, axis: i32, stride: i32, flip: v128): void {
  let m0 = v128.xor(v128.load(x), flip);
  let m1 = v128.xor(v128.load(x, 16), flip);
  let m2 = v128.xor(v128.load(x, 32), flip);
  let m3 = v128.xor(v128.load(x, 48), flip);
  const row = <usize>stride << 2;
  for (let a = 1; a < axis; a++) {
    x += row;
    m0 = f32x4.max(m0, v128.xor(v128.load(x), flip));
    m1 = f32x4.max(m1, v128.xor(v128.load(x, 16), flip));
    m2 = f32x4.max(m2, v128.xor(v128.load(x, 32), flip));
    m3 = f32x4.max(m3, v128.xor(v128.load(x, 48), flip));
  }
  v128.store(y, v128.xor(m0, flip));
  v128.store(y, v128.xor(m1, flip), 16);
  v128.store(y, v128.xor(m2, flip), 32);
  v128.store(y, v128.xor(m3, flip), 48);
}

function max_column(y: usize, x: usize, axis: i32, stride: i32, flip: v128): void {
  let m = v128.xor(v128.load_splat<f32>(x), flip);
  const row = <usize>stride << 2;
  for (let a = 1; a < axis; a++) {
    x += row;
    m = f32x4.max(m, v128.xor(v128.load_splat<f32>(x), flip));
  }
  v128.store_lane<f32>(y, v128.xor(m, flip), 0);
}
