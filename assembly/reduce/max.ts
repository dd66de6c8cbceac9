import { maximum_forward, minimum_forward } from '../elementwise/arithmetic';
import { copy_run } from '../shape/copy_run';
import { flip_sign, max_row } from './max_row';

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

/** The maximum, or with `sign` the sign bit, the minimum. */
function extremum_reduce(
  y: usize, x: usize, outer: i32, axis: i32, inner: i32, stride: i32, sign: i32,
): void {
  const row = <usize>stride << 2;
  for (; outer > 0; outer--, y += row) {
    if (stride == 1) {
      store<f32>(y, flip_sign(max_row(x, axis, sign), sign));
      x += <usize>axis << 2;
    } else {
      copy_run(y, x, inner);
      x += row;
      for (let a = 1; a < axis; a++, x += row) {
        if (sign) minimum_forward(y, y, x, 1, inner, 0, 1, 0, 1);
        else maximum_forward(y, y, x, 1, inner, 0, 1, 0, 1);
      }
    }
  }
}
