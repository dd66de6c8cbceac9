import { madd4 } from '../math/madd';
import { is_memory } from './bounds';
import { NR_MAX } from './params';
import { ukernel_1x8, ukernel_2x16 } from './ukernel';

/**
 * Most rows for which B is read as it lies, since packing it takes as long as the product
 * (npm run bench -- gemm --shape 8x784x512 --sweep FEW_ROWS=1,12,24).
 */
export const FEW_ROWS: i32 = 12;

/**
 * sums = A·B, in the order of the terms, for few rows: rows of B come as they lie, sums[i] += A[i, p]·B[p].
 * sums: f32[m, n], without gaps, room for 16 at least; A: f32[m, kc], lda bytes a row; B: f32[kc, n], ldb bytes a row. Two
 * rows at a time where n is a multiple of 4, else one after the other. With `streams`, m = 1: in the order of {@link axpy}.
 */
export function sum_rows(
  sums: usize, b: usize, ldb: usize, a: usize, lda: usize, m: i32, n: i32, kc: i32, streams: bool,
): void {
  if (m == 1 && is_memory(b + <usize>kc * ldb + 64)) {
    if (n <= NR_MAX && !streams) {
      // A tile whose rows are one and the same: so few sums stay in registers, and what it reads too much is not looked at.
      if (n > 8) ukernel_2x16(kc, a, 0, b, ldb, sums, 0, 0, 0);
      else ukernel_1x8(kc, a, 0, b, ldb, sums, 0, 0, 0);
      return;
    }
    // Whole vectors, for the same reason.
    n = (n + 3) & ~3;
  }
  const stride = <usize>n << 2;
  memory.fill(sums, 0, <usize>m * stride);
  if (m > 1 && (n & 3) == 0) {
    for (; kc >= 4; kc -= 4, a += 16, b += ldb << 2) {
      for (let r = 0; r < m; r += 2) {
        // The last of an odd number of rows is its own pair.
        const pair = r + 1 < m;
        axpy2(sums + <usize>r * stride, pair ? stride : 0, b, ldb, a + <usize>r * lda, pair ? lda : 0, n);
      }
    }
  }
  for (; m > 0; --m, sums += stride, a += lda) axpy(sums, b, ldb, a, kc, n, streams);
}

/** sum + Σ x·r, in this order. */
// @ts-ignore: decorator
@inline
function add4(
  sum: v128, x0: v128, x1: v128, x2: v128, x3: v128, r0: v128, r1: v128, r2: v128, r3: v128,
): v128 {
  return madd4(x3, r3, madd4(x2, r2, madd4(x1, r1, madd4(x0, r0, sum))));
}

/** sums[i][j] += Σ x[i][p]·B[p, j] for two rows i and four terms p; n a multiple of 4. */
function axpy2(sums: usize, stride: usize, b: usize, row: usize, x: usize, xRow: usize, n: i32): void {
  const x00 = v128.load32_splat(x);
  const x01 = v128.load32_splat(x, 4);
  const x02 = v128.load32_splat(x, 8);
  const x03 = v128.load32_splat(x, 12);
  x += xRow;
  const x10 = v128.load32_splat(x);
  const x11 = v128.load32_splat(x, 4);
  const x12 = v128.load32_splat(x, 8);
  const x13 = v128.load32_splat(x, 12);
  let p0 = b, p1 = p0 + row, p2 = p1 + row, p3 = p2 + row, s = sums, t = sums + stride;
  for (; n > 0; n -= 8) {
    let r0 = v128.load(p0), r1 = v128.load(p1), r2 = v128.load(p2), r3 = v128.load(p3);
    let s0 = v128.load(s), t0 = v128.load(t);
    v128.store(s, add4(s0, x00, x01, x02, x03, r0, r1, r2, r3));
    v128.store(t, add4(t0, x10, x11, x12, x13, r0, r1, r2, r3));
    if (n == 4) break;
    r0 = v128.load(p0, 16);
    r1 = v128.load(p1, 16);
    r2 = v128.load(p2, 16);
    r3 = v128.load(p3, 16);
    s0 = v128.load(s, 16);
    t0 = v128.load(t, 16);
    v128.store(s, add4(s0, x00, x01, x02, x03, r0, r1, r2, r3), 16);
    v128.store(t, add4(t0, x10, x11, x12, x13, r0, r1, r2, r3), 16);
    s += 32;
    t += 32;
    p0 += 32;
    p1 += 32;
    p2 += 32;
    p3 += 32;
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

/**
 * sums[j] += Σ x[p]·B[p, j], five rows at a time: neighbours, in the order of p; or with `streams` one of each fifth of the
 * rows, p, p + kc/5, p + 2·kc/5 …, and those left over at the end.
 */
function axpy(sums: usize, b: usize, row: usize, x: usize, kc: i32, n: i32, streams: bool): void {
  const end4 = sums + (<usize>(n & ~3) << 2);
  const end = sums + (<usize>n << 2);
  // The more rows at a time, the less often sums are read and written, and the more streams the memory is asked for (four
  // 0.8 times as fast from there); six leave V8 11 no registers for their pointers. Streams go on from row to row, so that
  // what the memory sends ahead is what comes next: neighbours start it anew every five rows (bench/NOTES.md).
  let turns = kc / 5;
  const next: usize = streams ? 1 : 5;
  const apart: usize = streams ? <usize>turns : 1;
  const bNext = row * next, bApart = row * apart, xApart = apart << 2;
  const left = <usize>turns * 5, bLeft = b + row * left, xLeft = x + (left << 2);
  for (; turns > 0; --turns, x += next << 2, b += bNext) {
    const x0 = v128.load32_splat(x);
    const x1 = v128.load32_splat(x + xApart);
    const x2 = v128.load32_splat(x + 2 * xApart);
    const x3 = v128.load32_splat(x + 3 * xApart);
    const x4 = v128.load32_splat(x + 4 * xApart);
    let p0 = b, p1 = p0 + bApart, p2 = p1 + bApart, p3 = p2 + bApart, p4 = p3 + bApart, s = sums;
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
  b = bLeft;
  x = xLeft;
  for (kc %= 5; kc > 0; --kc, x += 4, b += row) {
    const x0 = v128.load32_splat(x);
    let p = b, s = sums;
    for (; s < end4; s += 16, p += 16) v128.store(s, madd4(x0, v128.load(p), v128.load(s)));
    for (; s < end; s += 4, p += 4) v128.store_lane<f32>(s, madd4(x0, v128.load32_zero(p), v128.load32_zero(s)), 0);
  }
}
