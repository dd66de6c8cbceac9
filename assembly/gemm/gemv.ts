import { madd4 } from '../math/madd';
import { merge } from './epilogue';
import { block_length } from './params';

/**
 * Columns of gemv_t at a time: long pieces of A's rows are read in order, and the partial sums stay in the level-2 cache
 * (npm run bench -- gemv --sweep STRIP=1024,4096,65536).
 */
const STRIP: i32 = 16384;

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
  const row = <usize>lda << 2;
  const length = block_length(k);
  for (let jc = 0; jc < n; jc += STRIP) {
    const nc = min(STRIP, n - jc);
    const column = <usize>jc << 2;
    let pc = 0;
    do {
      const kc = min(length, k - pc);
      const last = pc + kc == k;
      axpy(scratch, a + <usize>pc * row + column, row, x + (<usize>pc << 2), kc, nc);
      merge(
        y + column, 0, scratch, 0, 1, nc, alpha, pc == 0 ? beta : 1, last && bias ? bias + column : 0,
        last ? activation : 0,
      );
      pc += length;
    } while (pc < k);
  }
}

/** sum + Σ x·r, in this order. */
// @ts-ignore: decorator
@inline
function add5(
  sum: v128, x0: v128, x1: v128, x2: v128, x3: v128, x4: v128,
  r0: v128, r1: v128, r2: v128, r3: v128, r4: v128,
): v128 {
  return madd4(x4, r4, madd4(x3, r3, madd4(x2, r2, madd4(x1, r1, madd4(x0, r0, sum)))));
}

/** sums[j] = Σ x[p]·A[p, j], in the order of p. */
function axpy(sums: usize, a: usize, row: usize, x: usize, kc: i32, n: i32): void {
  memory.fill(sums, 0, <usize>n << 2);
  const end4 = sums + (<usize>(n & ~3) << 2);
  const end = sums + (<usize>n << 2);
  // Five rows at a time: the more, the less often sums are read and written, and the more streams the memory is asked for
  // (four 0.8 times as fast from there); six leave V8 11 no registers for their pointers.
  for (; kc >= 5; kc -= 5, x += 20, a += row * 5) {
    const x0 = v128.load32_splat(x);
    const x1 = v128.load32_splat(x, 4);
    const x2 = v128.load32_splat(x, 8);
    const x3 = v128.load32_splat(x, 12);
    const x4 = v128.load32_splat(x, 16);
    let p0 = a, p1 = p0 + row, p2 = p1 + row, p3 = p2 + row, p4 = p3 + row, s = sums;
    // A way out after each vector, as in the register tile; three a turn, since a turn moves six pointers.
    for (let vectors = n >> 2; vectors > 0; vectors -= 3) {
      v128.store(s, add5(
        v128.load(s), x0, x1, x2, x3, x4,
        v128.load(p0), v128.load(p1), v128.load(p2), v128.load(p3), v128.load(p4),
      ));
      if (vectors == 1) break;
      v128.store(s, add5(
        v128.load(s, 16), x0, x1, x2, x3, x4,
        v128.load(p0, 16), v128.load(p1, 16), v128.load(p2, 16), v128.load(p3, 16), v128.load(p4, 16),
      ), 16);
      if (vectors == 2) break;
      v128.store(s, add5(
        v128.load(s, 32), x0, x1, x2, x3, x4,
        v128.load(p0, 32), v128.load(p1, 32), v128.load(p2, 32), v128.load(p3, 32), v128.load(p4, 32),
      ), 32);
      s += 48;
      p0 += 48;
      p1 += 48;
      p2 += 48;
      p3 += 48;
      p4 += 48;
    }
    const rest = end4 - s;
    p0 += rest;
    p1 += rest;
    p2 += rest;
    p3 += rest;
    p4 += rest;
    s = end4;
    for (; s < end; s += 4, p0 += 4, p1 += 4, p2 += 4, p3 += 4, p4 += 4) {
      v128.store_lane<f32>(s, add5(
        v128.load32_zero(s), x0, x1, x2, x3, x4,
        v128.load32_zero(p0), v128.load32_zero(p1), v128.load32_zero(p2), v128.load32_zero(p3), v128.load32_zero(p4),
      ), 0);
    }
  }
  for (; kc > 0; --kc, x += 4, a += row) {
    const x0 = v128.load32_splat(x);
    let p = a, s = sums;
    for (; s < end4; s += 16, p += 16) v128.store(s, madd4(x0, v128.load(p), v128.load(s)));
    for (; s < end; s += 4, p += 4) v128.store_lane<f32>(s, madd4(x0, v128.load32_zero(p), v128.load32_zero(s)), 0);
  }
}
