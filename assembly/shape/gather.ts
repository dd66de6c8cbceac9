import { copy_run } from './copy_run';

/**
 * y[o, j, i] = x[o, indices[j], i]: rows taken along an axis, in any order and as often as wanted.
 * y: f32[outer, count, inner], x: f32[outer, axis, inner], indices: i32[count], each in [0, axis); y must
 * not overlap x. Values are moved, never computed with: every bit stays.
 *
 * Runs of one element have a loop of their own: what decides how a run is copied takes longer than the element.
 */
export function gather(y: usize, x: usize, indices: usize, count: i32, outer: i32, axis: i32, inner: i32): void {
  const run = <usize>inner << 2;
  const slab = run * <usize>axis;
  const end = indices + (<usize>count << 2);
  for (; outer > 0; outer--, x += slab) {
    let index = indices;
    if (inner == 1) {
      for (; index < end; index += 4, y += 4) store<u32>(y, load<u32>(x + (<usize>load<u32>(index) << 2)));
    }
    for (; index < end; index += 4, y += run) {
      copy_run(y, x + run * <usize>load<u32>(index), inner);
    }
  }
}
