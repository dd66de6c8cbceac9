import { copy_run } from './copy_run';

/**
 * y[c, i] = x[c, i] for `count` runs of `length` elements, with y[c, i] at y + c·yStride + i and likewise x:
 * what concat and slice are made of. y must not overlap x. Every bit stays.
 */
export function copy_strided(y: usize, yStride: i32, x: usize, xStride: i32, length: i32, count: i32): void {
  const yStep = <usize>yStride << 2;
  const xStep = <usize>xStride << 2;
  for (; count > 0; count--, y += yStep, x += xStep) copy_run(y, x, length);
}
