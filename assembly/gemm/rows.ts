import { madd4 } from '../math/madd';
import { ukernel_1x8, ukernel_2x16 } from './ukernel';

// Products of few rows, without tiles: B is read where it lies, sums[i] += A[i, p]·B[p], four or five rows p of B at a time.
// These are a quarter or a fifth of the block apart: each is then part of a long stream, which goes on from row to row, and
// what the hardware prefetches is what comes next. Adjacent rows would restart their streams every few rows (bench/NOTES.md).
//
// sums: f32[m, n], rows padded to whole vectors, with room for 16 floats at least; ldb, lda, strides: bytes. What is read
// behind the last column is the next row of B, or the bytes that may be read behind any operand; its sums are ignored.

/**
 * Partial sums held at a time, over all rows of C. The more, the longer the pieces of B's rows, which the streams want; 16384
 * stay in the level-2 cache, and the scratch has room for 1.8 times as many before the packed rows of A
 * (npm run bench -- gemm --shape 8x4096x1024 --sweep SUMS=3072,6144; gemv --shape 512x4096 --sweep SUMS=1024).
 */
export const SUMS: i32 = 16384;

/**
 * Columns of four rows of B, 8 KB, that stay in the level-1 cache from one pair of rows of A to the next
 * (npm run bench -- gemm --shape 4x4096x1024 --sweep PIECE=256,16384).
 */
const PIECE: i32 = 512;

/**
 * sums = x·B for a single row x of kc floats. The terms are added as p, p + q, … p + 4·q for each p < q = ⌊kc / 5⌋, then
 * those left over; with `narrow`, for which n ≤ 16, in the order of k.
 */
export function sum_row(sums: usize, b: usize, ldb: usize, x: usize, n: i32, kc: i32, narrow: bool): void {
  if (narrow) {
    // One register tile, 1 × 8 or 2 × 16 with x as both rows (strides 0): so few sums stay in registers.
    if (n > 8) ukernel_2x16(kc, x, 0, b, ldb, sums, 0, 0, 0);
    else ukernel_1x8(kc, x, 0, b, ldb, sums, 0, 0, 0);
    return;
  }
  memory.fill(sums, 0, sums_bytes(n));
  const fifth = kc / 5;
  const apart = ldb * <usize>fifth;
  for (let i = 0; i < fifth; i++) axpy5(sums, b + <usize>i * ldb, apart, x + (<usize>i << 2), <usize>fifth << 2, n);
  axpy(sums, b + 5 * apart, ldb, x + <usize>fifth * 20, kc - fifth * 5, n);
}

/**
 * sums = A·B for the m rows of A, f32[m, kc], two at a time. The terms are added as p, p + q, p + 2·q, p + 3·q for each
 * p < q = ⌊kc / 4⌋, then those left over: the bits depend on kc, not on m or n.
 */
export function sum_rows(sums: usize, b: usize, ldb: usize, a: usize, lda: usize, m: i32, n: i32, kc: i32): void {
  const stride = sums_bytes(n);
  memory.fill(sums, 0, <usize>m * stride);
  const quarter = kc >> 2;
  const apart = ldb * <usize>quarter;
  for (let p: usize = 0; p < <usize>quarter; p++) {
    for (let j = 0; j < n; j += PIECE) {
      const at = <usize>j << 2;
      const width = min(n - j, PIECE);
      let s = sums + at, x = a + (p << 2);
      for (let left = m; left > 0; left -= 2) {
        // The last of an odd number of rows is its own pair.
        const pair = left > 1;
        axpy4x2(s, pair ? stride : 0, b + p * ldb + at, apart, x, pair ? lda : 0, <usize>quarter << 2, width);
        s += 2 * stride;
        x += 2 * lda;
      }
    }
  }
  for (; m > 0; --m, sums += stride, a += lda) axpy(sums, b + 4 * apart, ldb, a + <usize>quarter * 16, kc & 3, n);
}

/** Bytes of a row of sums: whole vectors. */
export function sums_bytes(n: i32): usize {
  return <usize>((n + 3) & ~3) << 2;
}

/** sum + Σ x·r, in this order. */
// @ts-ignore: decorator
@inline
function add4(
  sum: v128, x0: v128, x1: v128, x2: v128, x3: v128, r0: v128, r1: v128, r2: v128, r3: v128,
): v128 {
  return madd4(x3, r3, madd4(x2, r2, madd4(x1, r1, madd4(x0, r0, sum))));
}

/**
 * sums[i, j] += Σ x[i, p]·B[p, j] for two rows i, `stride` apart in sums and `xRow` in x, and four terms p, `apart` in B and
 * `xApart` in x. With stride = xRow = 0 a row is its own pair: a sum is loaded twice, then stored twice.
 */
function axpy4x2(
  sums: usize, stride: usize, b: usize, apart: usize, x: usize, xRow: usize, xApart: usize, n: i32,
): void {
  const y = x + xRow;
  const x0 = v128.load32_splat(x), x1 = v128.load32_splat(x + xApart);
  const x2 = v128.load32_splat(x + 2 * xApart), x3 = v128.load32_splat(x + 3 * xApart);
  const y0 = v128.load32_splat(y), y1 = v128.load32_splat(y + xApart);
  const y2 = v128.load32_splat(y + 2 * xApart), y3 = v128.load32_splat(y + 3 * xApart);
  let p0 = b, p1 = p0 + apart, p2 = p1 + apart, p3 = p2 + apart, s = sums, t = sums + stride;
  for (; n > 0; n -= 8) {
    let r0 = v128.load(p0), r1 = v128.load(p1), r2 = v128.load(p2), r3 = v128.load(p3);
    let s0 = v128.load(s), t0 = v128.load(t);
    v128.store(s, add4(s0, x0, x1, x2, x3, r0, r1, r2, r3));
    v128.store(t, add4(t0, y0, y1, y2, y3, r0, r1, r2, r3));
    if (n <= 4) break;
    r0 = v128.load(p0, 16);
    r1 = v128.load(p1, 16);
    r2 = v128.load(p2, 16);
    r3 = v128.load(p3, 16);
    s0 = v128.load(s, 16);
    t0 = v128.load(t, 16);
    v128.store(s, add4(s0, x0, x1, x2, x3, r0, r1, r2, r3), 16);
    v128.store(t, add4(t0, y0, y1, y2, y3, r0, r1, r2, r3), 16);
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
 * sums[j] += Σ x[p]·B[p, j] for five terms p, `apart` in B and `xApart` in x. The more at a time, the less often sums are read
 * and written; for six V8 11 has no registers.
 */
function axpy5(sums: usize, b: usize, apart: usize, x: usize, xApart: usize, n: i32): void {
  const x0 = v128.load32_splat(x), x1 = v128.load32_splat(x + xApart), x2 = v128.load32_splat(x + 2 * xApart);
  const x3 = v128.load32_splat(x + 3 * xApart), x4 = v128.load32_splat(x + 4 * xApart);
  let p0 = b, p1 = p0 + apart, p2 = p1 + apart, p3 = p2 + apart, p4 = p3 + apart, s = sums;
  // An exit after each vector, as in the register tile; three vectors per iteration, which moves six pointers.
  for (let vectors = (n + 3) >> 2; vectors > 0; vectors -= 3) {
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
}

/** sums[j] += Σ x[p]·B[p, j], one after the other. */
function axpy(sums: usize, b: usize, ldb: usize, x: usize, kc: i32, n: i32): void {
  const end = sums + sums_bytes(n);
  for (; kc > 0; --kc, x += 4, b += ldb) {
    const x0 = v128.load32_splat(x);
    for (let p = b, s = sums; s < end; s += 16, p += 16) v128.store(s, madd4(x0, v128.load(p), v128.load(s)));
  }
}
