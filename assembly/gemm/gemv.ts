import { madd4 } from '../math/madd';
import { gemm } from './blocking';
import { merge } from './epilogue';
import { KC } from './params';
import { STRIP, sum_rows } from './rows';

/**
 * y ← act(alpha·A·x + beta·y + bias), by dot products along the rows of A.
 * A: f32[m, k], lda ≥ k floats a row; x: f32[k]; y: f32[m], overlapping neither; bias: f32[m], or f32[1] for all rows
 * with bias_step 0 instead of 1, or 0 for none; activation: 0 none, 1 relu, 2 sigmoid; scratch: gemm_scratch_bytes()
 * bytes. With beta = 0, y is not read.
 *
 * Each sum runs in eight lanes, so its bits differ from those of gemm_*; they do not depend on m.
 */
export function gemv_n(
  y: usize, a: usize, lda: i32, x: usize, m: i32, k: i32,
  alpha: f32, beta: f32, bias: usize, activation: i32, scratch: usize, bias_step: i32,
): void {
  const row = <usize>lda << 2;
  if (bias && bias_step == 0) {
    v128.store(scratch, v128.load32_splat(bias), 16);
    bias = scratch + 16;
  }
  const biasNext = <usize>bias_step << 4;
  for (; m > 0; m -= 4, a += row << 2, y += 16) {
    // The last group repeats its last row for those it lacks.
    const p1 = a + (m > 1 ? row : 0);
    const p2 = p1 + (m > 2 ? row : 0);
    v128.store(scratch, dot4(a, p1, p2, p2 + (m > 3 ? row : 0), x, k));
    merge(y, 0, scratch, 0, 1, min(m, 4), alpha, beta, bias, activation);
    if (bias) bias += biasNext;
  }
}

/** The dot products of four rows of A with x, one a lane. */
function dot4(p0: usize, p1: usize, p2: usize, p3: usize, x: usize, k: i32): v128 {
  let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0, t0 = s0, t1 = s0, t2 = s0, t3 = s0;
  for (; k >= 8; k -= 8) {
    const x0 = v128.load(x);
    const x1 = v128.load(x, 16);
    s0 = madd4(x0, v128.load(p0), s0);
    t0 = madd4(x1, v128.load(p0, 16), t0);
    s1 = madd4(x0, v128.load(p1), s1);
    t1 = madd4(x1, v128.load(p1, 16), t1);
    s2 = madd4(x0, v128.load(p2), s2);
    t2 = madd4(x1, v128.load(p2, 16), t2);
    s3 = madd4(x0, v128.load(p3), s3);
    t3 = madd4(x1, v128.load(p3, 16), t3);
    x += 32;
    p0 += 32;
    p1 += 32;
    p2 += 32;
    p3 += 32;
  }
  for (; k > 0; --k) {
    const x0 = v128.load32_zero(x);
    s0 = madd4(x0, v128.load32_zero(p0), s0);
    s1 = madd4(x0, v128.load32_zero(p1), s1);
    s2 = madd4(x0, v128.load32_zero(p2), s2);
    s3 = madd4(x0, v128.load32_zero(p3), s3);
    x += 4;
    p0 += 4;
    p1 += 4;
    p2 += 4;
    p3 += 4;
  }
  s0 = f32x4.add(s0, t0);
  s1 = f32x4.add(s1, t1);
  s2 = f32x4.add(s2, t2);
  s3 = f32x4.add(s3, t3);
  // Transpose, then add the lanes as (0 + 1) + (2 + 3).
  t0 = v128.shuffle<f32>(s0, s1, 0, 4, 1, 5);
  t1 = v128.shuffle<f32>(s2, s3, 0, 4, 1, 5);
  t2 = v128.shuffle<f32>(s0, s1, 2, 6, 3, 7);
  t3 = v128.shuffle<f32>(s2, s3, 2, 6, 3, 7);
  return f32x4.add(
    f32x4.add(v128.shuffle<f32>(t0, t1, 0, 1, 4, 5), v128.shuffle<f32>(t0, t1, 2, 3, 6, 7)),
    f32x4.add(v128.shuffle<f32>(t2, t3, 0, 1, 4, 5), v128.shuffle<f32>(t2, t3, 2, 3, 6, 7)),
  );
}

/**
 * y ← act(alpha·xᵀ·A + beta·y + bias), row after row of A: y += x[p]·A[p, :].
 * A: f32[k, n], lda ≥ n floats a row; x: f32[k]; y: f32[n], overlapping neither; bias: f32[n] or 0;
 * activation: 0 none, 1 relu, 2 sigmoid; scratch: gemm_scratch_bytes() bytes. With beta = 0, y is not read.
 *
 * The same bits as gemm_nn with m = 1.
 */
export function gemv_t(
  y: usize, a: usize, lda: i32, x: usize, k: i32, n: i32,
  alpha: f32, beta: f32, bias: usize, activation: i32, scratch: usize,
): void {
  if (k <= KC && n <= STRIP) {
    sum_rows(scratch, a, <usize>lda << 2, x, 0, 1, n, k);
    merge(y, 0, scratch, 0, 1, n, alpha, beta, bias, activation);
  } else {
    gemm(y, 0, x, 0, false, a, lda, false, 1, n, k, alpha, beta, bias, activation, scratch, 2, 0);
  }
}
