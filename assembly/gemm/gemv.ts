import { madd4 } from '../math/madd';
import { merge } from './epilogue';
import { block_length } from './params';
import { sum_row, SUMS } from './rows';

/**
 * Most terms that a dot product adds before it starts again from zero: 512 in each of eight lanes, as many as
 * {@link block_length} allows in the other kernels, which bounds the error.
 */
const TERMS: i32 = 4096;
/** Byte offset in the scratch, behind the sums, of a bias of one element that is repeated for every row. */
const BIAS_AT: usize = (SUMS << 2) + 16;

/**
 * y ← act(alpha·A·x + beta·y + bias), by dot products along the rows of A.
 * A: f32[m, k], lda ≥ k floats a row; x: f32[k]; y: f32[m], overlapping neither; bias: f32[m], or f32[1] for all rows
 * with biasStep 0 instead of 1, or 0 for none; activation: 0 none, 1 relu, 2 sigmoid; scratch: gemm_scratch_bytes()
 * bytes. With beta = 0, y is not read.
 *
 * Each sum runs in eight lanes, up to 4096 terms at a time, so its bits differ from those of gemm; they do not depend on m.
 */
export function gemv_n(
  y: usize, a: usize, lda: i32, x: usize, m: i32, k: i32,
  alpha: f32, beta: f32, bias: usize, activation: i32, scratch: usize, biasStep: i32,
): void {
  const row = <usize>lda << 2;
  for (; k > TERMS; k -= TERMS, a += TERMS << 2, x += TERMS << 2, beta = 1) {
    gemv_n(y, a, lda, x, m, TERMS, alpha, beta, 0, 0, scratch, 0);
  }
  if (bias && biasStep == 0) {
    const one = v128.load32_splat(bias);
    bias = scratch + BIAS_AT;
    for (let i = 0; i < min(m, SUMS); i += 4) v128.store(bias + (<usize>i << 2), one);
  }
  for (; m > 0; m -= SUMS, y += SUMS << 2, a += row * <usize>SUMS) {
    const rows = min(m, SUMS);
    // Four rows as far from each other as can be: each is then part of a long stream, which goes on from row to row.
    const quarter = rows + 3 >> 2;
    const far = row * <usize>quarter;
    const next = <usize>quarter << 2;
    const last = a + <usize>(rows - 1) * row;
    let p = a, s = scratch;
    for (let left = rows; left > rows - quarter; --left, p += row, s += 4) {
      // The last groups repeat the last row for those they lack.
      const p1 = left > quarter ? p + far : last;
      const p2 = left > 2 * quarter ? p + 2 * far : last;
      const p3 = left > 3 * quarter ? p + 3 * far : last;
      const sums = dot4(p, p1, p2, p3, x, k);
      v128.store_lane<f32>(s, sums, 0);
      v128.store_lane<f32>(s + next, sums, 1);
      v128.store_lane<f32>(s + 2 * next, sums, 2);
      v128.store_lane<f32>(s + 3 * next, sums, 3);
    }
    merge(y, 0, scratch, 0, 1, rows, alpha, beta, bias, activation);
    if (bias) bias += <usize>biasStep * (SUMS << 2);
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
 * y ← act(alpha·xᵀ·A + beta·y + bias), by rows of A: y += x[p]·A[p, :].
 * A: f32[k, n], lda ≥ n floats a row, and up to 64 bytes behind it may be read; x: f32[k]; y: f32[n], overlapping neither;
 * bias: f32[n] or 0; activation: 0 none, 1 relu, 2 sigmoid; scratch: gemm_scratch_bytes() bytes; narrow: 1 if n ≤ 16 and y
 * is the whole product, not a part of it, else 0. With beta = 0, y is not read.
 *
 * A narrow product has the bits of gemm; others have an order of their own ({@link sum_row}), in which the bits of an
 * element do not depend on n.
 */
export function gemv_t(
  y: usize, a: usize, lda: i32, x: usize, k: i32, n: i32,
  alpha: f32, beta: f32, bias: usize, activation: i32, scratch: usize, narrow: i32,
): void {
  const row = <usize>lda << 2;
  const length = block_length(k);
  for (; n > 0; n -= SUMS, y += SUMS << 2, a += SUMS << 2) {
    const nc = min(n, SUMS);
    let pc = 0;
    do {
      const kc = min(length, k - pc);
      const last = pc + kc == k;
      sum_row(scratch, a + <usize>pc * row, row, x + (<usize>pc << 2), nc, kc, narrow != 0);
      merge(y, 0, scratch, 0, 1, nc, alpha, pc == 0 ? beta : 1, last ? bias : 0, last ? activation : 0);
      pc += length;
    } while (pc < k);
    if (bias) bias += SUMS << 2;
  }
}
