// What this machine can do at best, for the column "of roof": loops that only multiply and add in registers, and a copy.
// Compiled like the kernels, once with and once without relaxed SIMD. The operands are arguments, since the compiler
// would build a constant anew at each use, and the chains start from different values, or it would merge them.
//
// A busy loop has integer instructions beside the others, as many as a register tile has beside its multiply-adds, loads
// counted. Where a thread has all issue slots of its core it is as fast as the plain loop; where the core's other hardware
// thread belongs to somebody else, it says how much of the roof is within reach.

/**
 * n · 4 · 12 vector operations c ← a·b + c. Twelve chains hide the 4 cycles that one takes on two units, with a margin;
 * busy with 14 instructions beside each 12, as the 6×8 tile.
 * Where the build has no fused multiply-add, the product leaves the loop and the figure means nothing.
 */
// @ts-ignore: decorator
@inline
function fma(n: i32, x: f32, y: f32, p: i32, q: i32, busy: bool): f32 {
  let i0 = p, i1 = q, i2 = p + 1, i3 = q + 1, i4 = p + 2, i5 = q + 2, i6 = p + 3;
  const a = f32x4.splat(x), b = f32x4.splat(y);
  let c0 = f32x4.splat(x + 1), c1 = f32x4.splat(x + 2), c2 = f32x4.splat(x + 3), c3 = f32x4.splat(x + 4);
  let c4 = f32x4.splat(x + 5), c5 = f32x4.splat(x + 6), c6 = f32x4.splat(x + 7), c7 = f32x4.splat(x + 8);
  let c8 = f32x4.splat(x + 9), c9 = f32x4.splat(x + 10), c10 = f32x4.splat(x + 11), c11 = f32x4.splat(x + 12);
  for (; n > 0; n--) {
    c0 = madd(a, b, c0); c1 = madd(a, b, c1); c2 = madd(a, b, c2); c3 = madd(a, b, c3);
    if (busy) { i0 ^= p; i1 ^= p; i2 ^= p; i3 ^= p; i4 ^= p; }
    c4 = madd(a, b, c4); c5 = madd(a, b, c5); c6 = madd(a, b, c6); c7 = madd(a, b, c7);
    if (busy) { i5 ^= p; i6 ^= p; i0 += q; i1 += q; i2 += q; }
    c8 = madd(a, b, c8); c9 = madd(a, b, c9); c10 = madd(a, b, c10); c11 = madd(a, b, c11);
    if (busy) { i3 += q; i4 += q; i5 += q; i6 += q; }
    c0 = madd(a, b, c0); c1 = madd(a, b, c1); c2 = madd(a, b, c2); c3 = madd(a, b, c3);
    if (busy) { i0 ^= p; i1 ^= p; i2 ^= p; i3 ^= p; i4 ^= p; }
    c4 = madd(a, b, c4); c5 = madd(a, b, c5); c6 = madd(a, b, c6); c7 = madd(a, b, c7);
    if (busy) { i5 ^= p; i6 ^= p; i0 += q; i1 += q; i2 += q; }
    c8 = madd(a, b, c8); c9 = madd(a, b, c9); c10 = madd(a, b, c10); c11 = madd(a, b, c11);
    if (busy) { i3 += q; i4 += q; i5 += q; i6 += q; }
    c0 = madd(a, b, c0); c1 = madd(a, b, c1); c2 = madd(a, b, c2); c3 = madd(a, b, c3);
    if (busy) { i0 ^= p; i1 ^= p; i2 ^= p; i3 ^= p; i4 ^= p; }
    c4 = madd(a, b, c4); c5 = madd(a, b, c5); c6 = madd(a, b, c6); c7 = madd(a, b, c7);
    if (busy) { i5 ^= p; i6 ^= p; i0 += q; i1 += q; i2 += q; }
    c8 = madd(a, b, c8); c9 = madd(a, b, c9); c10 = madd(a, b, c10); c11 = madd(a, b, c11);
    if (busy) { i3 += q; i4 += q; i5 += q; i6 += q; }
    c0 = madd(a, b, c0); c1 = madd(a, b, c1); c2 = madd(a, b, c2); c3 = madd(a, b, c3);
    if (busy) { i0 ^= p; i1 ^= p; i2 ^= p; i3 ^= p; i4 ^= p; }
    c4 = madd(a, b, c4); c5 = madd(a, b, c5); c6 = madd(a, b, c6); c7 = madd(a, b, c7);
    if (busy) { i5 ^= p; i6 ^= p; i0 += q; i1 += q; i2 += q; }
    c8 = madd(a, b, c8); c9 = madd(a, b, c9); c10 = madd(a, b, c10); c11 = madd(a, b, c11);
    if (busy) { i3 += q; i4 += q; i5 += q; i6 += q; }
  }
  const s = f32x4.add(f32x4.add(f32x4.add(c0, c1), f32x4.add(c2, c3)), f32x4.add(f32x4.add(c4, c5), f32x4.add(c6, c7)));
  const t = f32x4.add(f32x4.add(c8, c9), f32x4.add(c10, c11));
  return f32x4.extract_lane(f32x4.add(s, t), 0) + (busy ? <f32>(i0 ^ i1 ^ i2 ^ i3 ^ i4 ^ i5 ^ i6) : 0);
}

/**
 * n · 4 · 6 vector multiplications and as many additions, independent of each other; busy with 10 instructions beside
 * each 16, as the 2×16 tile.
 */
// @ts-ignore: decorator
@inline
function apart(n: i32, x: f32, y: f32, p: i32, q: i32, busy: bool): f32 {
  let i0 = p, i1 = q, i2 = p + 1, i3 = q + 1, i4 = p + 2, i5 = q + 2, i6 = p + 3;
  const a = f32x4.splat(y), b = f32x4.splat(x);
  let m0 = f32x4.splat(x + 1), m1 = f32x4.splat(x + 2), m2 = f32x4.splat(x + 3), m3 = f32x4.splat(x + 4);
  let m4 = f32x4.splat(x + 5), m5 = f32x4.splat(x + 6);
  let c0 = f32x4.splat(x + 7), c1 = f32x4.splat(x + 8), c2 = f32x4.splat(x + 9), c3 = f32x4.splat(x + 10);
  let c4 = f32x4.splat(x + 11), c5 = f32x4.splat(x + 12);
  for (; n > 0; n--) {
    m0 = f32x4.mul(m0, a); c0 = f32x4.add(c0, b); m1 = f32x4.mul(m1, a); c1 = f32x4.add(c1, b);
    if (busy) { i0 ^= p; i1 ^= p; i2 ^= p; }
    m2 = f32x4.mul(m2, a); c2 = f32x4.add(c2, b); m3 = f32x4.mul(m3, a); c3 = f32x4.add(c3, b);
    if (busy) { i3 ^= p; i4 ^= p; }
    m4 = f32x4.mul(m4, a); c4 = f32x4.add(c4, b); m5 = f32x4.mul(m5, a); c5 = f32x4.add(c5, b);
    if (busy) { i5 ^= p; i6 ^= p; i0 += q; }
    m0 = f32x4.mul(m0, a); c0 = f32x4.add(c0, b); m1 = f32x4.mul(m1, a); c1 = f32x4.add(c1, b);
    if (busy) { i1 += q; i2 += q; }
    m2 = f32x4.mul(m2, a); c2 = f32x4.add(c2, b); m3 = f32x4.mul(m3, a); c3 = f32x4.add(c3, b);
    if (busy) { i3 += q; i4 += q; i5 += q; }
    m4 = f32x4.mul(m4, a); c4 = f32x4.add(c4, b); m5 = f32x4.mul(m5, a); c5 = f32x4.add(c5, b);
    if (busy) { i6 += q; i0 ^= p; }
    m0 = f32x4.mul(m0, a); c0 = f32x4.add(c0, b); m1 = f32x4.mul(m1, a); c1 = f32x4.add(c1, b);
    if (busy) { i1 ^= p; i2 ^= p; i3 ^= p; }
    m2 = f32x4.mul(m2, a); c2 = f32x4.add(c2, b); m3 = f32x4.mul(m3, a); c3 = f32x4.add(c3, b);
    if (busy) { i4 ^= p; i5 ^= p; }
    m4 = f32x4.mul(m4, a); c4 = f32x4.add(c4, b); m5 = f32x4.mul(m5, a); c5 = f32x4.add(c5, b);
    if (busy) { i6 ^= p; i0 += q; i1 += q; }
    m0 = f32x4.mul(m0, a); c0 = f32x4.add(c0, b); m1 = f32x4.mul(m1, a); c1 = f32x4.add(c1, b);
    if (busy) { i2 += q; i3 += q; }
    m2 = f32x4.mul(m2, a); c2 = f32x4.add(c2, b); m3 = f32x4.mul(m3, a); c3 = f32x4.add(c3, b);
    if (busy) { i4 += q; i5 += q; i6 += q; }
    m4 = f32x4.mul(m4, a); c4 = f32x4.add(c4, b); m5 = f32x4.mul(m5, a); c5 = f32x4.add(c5, b);
    if (busy) { i0 ^= p; i1 ^= p; }
  }
  const m = f32x4.add(f32x4.add(f32x4.add(m0, m1), f32x4.add(m2, m3)), f32x4.add(m4, m5));
  const c = f32x4.add(f32x4.add(f32x4.add(c0, c1), f32x4.add(c2, c3)), f32x4.add(c4, c5));
  return f32x4.extract_lane(f32x4.add(m, c), 0) + (busy ? <f32>(i0 ^ i1 ^ i2 ^ i3 ^ i4 ^ i5 ^ i6) : 0);
}

/**
 * n · 6 products of two of five vectors, each added to another sum, busy like {@link apart}. The vectors change places
 * after each turn, or the products would leave the loop; that takes moves, which a processor renames away.
 */
// @ts-ignore: decorator
@inline
function pairs_of_5(n: i32, x: f32, y: f32, p: i32, q: i32, busy: bool): f32 {
  let i0 = p, i1 = q, i2 = p + 1, i3 = q + 1, i4 = p + 2, i5 = q + 2, i6 = p + 3;
  let v0 = f32x4.splat(x + 1), v1 = f32x4.splat(x + 2), v2 = f32x4.splat(x + 3), v3 = f32x4.splat(x + 4);
  let v4 = f32x4.splat(x + 5);
  let c0 = f32x4.splat(x + 6), c1 = f32x4.splat(x + 7), c2 = f32x4.splat(x + 8), c3 = f32x4.splat(x + 9);
  let c4 = f32x4.splat(x + 10), c5 = f32x4.splat(x + 11);
  for (; n > 0; n--) {
    c0 = f32x4.add(c0, f32x4.mul(v0, v1)); c1 = f32x4.add(c1, f32x4.mul(v1, v2)); c2 = f32x4.add(c2, f32x4.mul(v2, v3));
    if (busy) { i0 ^= p; i1 ^= p; i2 ^= p; i3 ^= p; }
    c3 = f32x4.add(c3, f32x4.mul(v3, v4)); c4 = f32x4.add(c4, f32x4.mul(v4, v0)); c5 = f32x4.add(c5, f32x4.mul(v0, v2));
    if (busy) { i4 ^= p; i5 ^= p; i6 ^= p; i0 += q; }
    const first = v0;
    v0 = v1; v1 = v2; v2 = v3; v3 = v4; v4 = first;
  }
  const s = f32x4.add(f32x4.add(f32x4.add(c0, c1), f32x4.add(c2, c3)), f32x4.add(c4, c5));
  return f32x4.extract_lane(s, 0) + (busy ? <f32>(i0 ^ i1 ^ i2 ^ i3 ^ i4 ^ i5 ^ i6) : 0);
}

/**
 * {@link pairs_of_5} with six vectors and n · 12 products.
 */
// @ts-ignore: decorator
@inline
function pairs_of_6(n: i32, x: f32, y: f32, p: i32, q: i32, busy: bool): f32 {
  let i0 = p, i1 = q, i2 = p + 1, i3 = q + 1, i4 = p + 2, i5 = q + 2, i6 = p + 3;
  let v0 = f32x4.splat(x + 1), v1 = f32x4.splat(x + 2), v2 = f32x4.splat(x + 3), v3 = f32x4.splat(x + 4);
  let v4 = f32x4.splat(x + 5), v5 = f32x4.splat(x + 6);
  let c0 = f32x4.splat(x + 7), c1 = f32x4.splat(x + 8), c2 = f32x4.splat(x + 9), c3 = f32x4.splat(x + 10);
  let c4 = f32x4.splat(x + 11), c5 = f32x4.splat(x + 12);
  for (; n > 0; n--) {
    c0 = f32x4.add(c0, f32x4.mul(v0, v1)); c1 = f32x4.add(c1, f32x4.mul(v1, v2)); c2 = f32x4.add(c2, f32x4.mul(v2, v3));
    if (busy) { i0 ^= p; i1 ^= p; i2 ^= p; i3 ^= p; }
    c3 = f32x4.add(c3, f32x4.mul(v3, v4)); c4 = f32x4.add(c4, f32x4.mul(v4, v5)); c5 = f32x4.add(c5, f32x4.mul(v5, v0));
    if (busy) { i4 ^= p; i5 ^= p; i6 ^= p; i0 += q; }
    c0 = f32x4.add(c0, f32x4.mul(v0, v2)); c1 = f32x4.add(c1, f32x4.mul(v1, v3)); c2 = f32x4.add(c2, f32x4.mul(v2, v4));
    if (busy) { i1 += q; i2 += q; i3 += q; }
    c3 = f32x4.add(c3, f32x4.mul(v3, v5)); c4 = f32x4.add(c4, f32x4.mul(v4, v0)); c5 = f32x4.add(c5, f32x4.mul(v5, v1));
    if (busy) { i4 += q; i5 += q; i6 += q; i0 ^= p; }
    const first = v0;
    v0 = v1; v1 = v2; v2 = v3; v3 = v4; v4 = v5; v5 = first;
  }
  const s = f32x4.add(f32x4.add(f32x4.add(c0, c1), f32x4.add(c2, c3)), f32x4.add(c4, c5));
  return f32x4.extract_lane(s, 0) + (busy ? <f32>(i0 ^ i1 ^ i2 ^ i3 ^ i4 ^ i5 ^ i6) : 0);
}

export function roof_fma(n: i32, x: f32, y: f32): f32 {
  return fma(n, x, y, 0, 0, false);
}

export function roof_fma_busy(n: i32, x: f32, y: f32, p: i32, q: i32): f32 {
  return fma(n, x, y, p, q, true);
}

export function roof_apart(n: i32, x: f32, y: f32): f32 {
  return apart(n, x, y, 0, 0, false);
}

export function roof_apart_busy(n: i32, x: f32, y: f32, p: i32, q: i32): f32 {
  return apart(n, x, y, p, q, true);
}

export function roof_pairs_of_5(n: i32, x: f32, y: f32): f32 {
  return pairs_of_5(n, x, y, 0, 0, false);
}

export function roof_pairs_of_5_busy(n: i32, x: f32, y: f32, p: i32, q: i32): f32 {
  return pairs_of_5(n, x, y, p, q, true);
}

export function roof_pairs_of_6(n: i32, x: f32, y: f32): f32 {
  return pairs_of_6(n, x, y, 0, 0, false);
}

export function roof_pairs_of_6_busy(n: i32, x: f32, y: f32, p: i32, q: i32): f32 {
  return pairs_of_6(n, x, y, p, q, true);
}

/** dst ← src, n bytes: what a streaming kernel can reach. */
export function roof_copy(dst: usize, src: usize, n: i32): void {
  memory.copy(dst, src, n);
}

/**
 * The n bytes at src, a multiple of 128, OR-ed together: the rate at which a matrix can be read once. In four parts at a
 * time, each a stream that the hardware prefetches: a single one gives 0.2 to 0.8 times as much (bench/NOTES.md).
 */
export function roof_read(src: usize, n: i32): i32 {
  let a = i32x4.splat(0), b = a, c = a, d = a;
  const part = <usize>(n >> 7 >> 2) << 7;
  const src1 = src + part, src2 = src1 + part, src3 = src2 + part;
  for (let at: usize = 0; at < part; at += 32) {
    a = v128.or(a, v128.or(v128.load(src + at), v128.load(src + at, 16)));
    b = v128.or(b, v128.or(v128.load(src1 + at), v128.load(src1 + at, 16)));
    c = v128.or(c, v128.or(v128.load(src2 + at), v128.load(src2 + at, 16)));
    d = v128.or(d, v128.or(v128.load(src3 + at), v128.load(src3 + at, 16)));
  }
  const end = src + n;
  for (src = src3 + part; src < end; src += 32) a = v128.or(a, v128.or(v128.load(src), v128.load(src, 16)));
  return i32x4.extract_lane(v128.or(v128.or(a, b), v128.or(c, d)), 0);
}

// @ts-ignore: decorator
@inline
function madd(a: v128, b: v128, c: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f32x4.relaxed_madd(a, b, c) : f32x4.add(f32x4.mul(a, b), c);
}
