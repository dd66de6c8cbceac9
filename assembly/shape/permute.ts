import { copy_strided } from './copy_strided';
import { transpose2d } from './transpose2d';

/**
 * y[i, j, k, l] = x[i·s0 + j·s1 + k·s2 + l·s3]: a transpose of up to four axes.
 * y: f32[d0, d1, d2, d3], contiguous; x: f32, strides in elements, ≥ 0; y must not overlap x. Every bit stays.
 *
 * In a permuted contiguous tensor one axis has stride 1. If it is the last, rows are copied; else the tensor is
 * a set of matrices, that axis by the last, each transposed. Without such an axis: element by element.
 */
export function permute(
  y: usize, x: usize, d0: i32, d1: i32, d2: i32, d3: i32, s0: i32, s1: i32, s2: i32, s3: i32,
): void {
  const r2 = d3;
  const r1 = d2 * d3;
  const r0 = d1 * r1;
  if (s3 == 1) each_pair(ROWS, y, x, d0, r0, s0, d1, r1, s1, d2, r2, s2, d3, s3);
  else if (s2 == 1) each_pair(MATRIX, y, x, d0, r0, s0, d1, r1, s1, d2, r2, s2, d3, s3);
  else if (s1 == 1) each_pair(MATRIX, y, x, d0, r0, s0, d2, r2, s2, d1, r1, s1, d3, s3);
  else if (s0 == 1) each_pair(MATRIX, y, x, d1, r1, s1, d2, r2, s2, d0, r0, s0, d3, s3);
  else each_pair(ELEMENTS, y, x, d0, r0, s0, d1, r1, s1, d2, r2, s2, d3, s3);
}

const ROWS = 0;
const MATRIX = 1;
const ELEMENTS = 2;

/** For each i < di and j < dj one piece [dk, dl]: d is a dimension, r its stride in y, s its stride in x. */
function each_pair(
  kind: i32, y: usize, x: usize,
  di: i32, ri: i32, si: i32, dj: i32, rj: i32, sj: i32, dk: i32, rk: i32, sk: i32, dl: i32, sl: i32,
): void {
  for (let i = 0; i < di; i++) {
    for (let j = 0; j < dj; j++) {
      const to = y + ((<usize>i * ri + <usize>j * rj) << 2);
      const from = x + ((<usize>i * si + <usize>j * sj) << 2);
      if (kind == ROWS) copy_strided(to, rk, from, sk, dl, dk);
      else if (kind == MATRIX) transpose2d(to, from, dl, dk, sl, rk);
      else copy_elements(to, from, dk, rk, sk, dl, sl);
    }
  }
}

function copy_elements(y: usize, x: usize, dk: i32, rk: i32, sk: i32, dl: i32, sl: i32): void {
  for (let k = 0; k < dk; k++, y += <usize>rk << 2, x += <usize>sk << 2) {
    for (let l = 0; l < dl; l++) store<u32>(y + (<usize>l << 2), load<u32>(x + ((<usize>l * sl) << 2)));
  }
}
