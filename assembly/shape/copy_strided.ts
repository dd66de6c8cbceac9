import { copy_run } from './copy_run';

/**
 * y[c, i] = x[c, i] for `count` runs of `length` elements, with y[c, i] at y + c·y_stride + i and likewise x:
 * what concat and slice are made of. y must not overlap x. Every bit stays.
 */
export function copy_strided(y: usize, y_stride: i32, x: usize, x_stride: i32, length: i32, count: i32): void {
  const y_step = <usize>y_stride << 2;
  const x_step = <usize>x_stride << 2;
  for (; count > 0; count--, y += y_step, x += x_step) copy_run(y, x, length);
}
