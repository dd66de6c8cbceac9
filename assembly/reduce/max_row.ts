/**
 * max (x ^ sign) over x: f32[n], n ≥ 1, with sign 0 or the sign bit: min(x) = −max(−x). NaN if any is; +0 above −0.
 *
 * `f32x4.max` is eight instructions on x86. `pmax` is one, but loses NaN and takes the first of two zeros: so the
 * values are also added, and any NaN makes that sum NaN. Where the sum is NaN (infinities of both signs do it, too) or the
 * maximum is 0, the row is searched again, for NaNs and for signs: a maximum has its sign bit only if all have.
 */
export function max_row(x: usize, n: i32, sign: i32): f32 {
  const flip = i32x4.splat(sign);
  if (n >= 4) {
    const last = x + (<usize>n << 2) - 16;
    let p = x;
    let m0 = v128.xor(v128.load(last), flip);
    let m1 = m0;
    let m2 = m0;
    let m3 = m0;
    let s0 = m0;
    let s1 = m0;
    let s2 = m0;
    let s3 = m0;
    for (const stop = x + (<usize>(n & ~15) << 2); p < stop; p += 64) {
      const v0 = v128.xor(v128.load(p), flip);
      const v1 = v128.xor(v128.load(p, 16), flip);
      const v2 = v128.xor(v128.load(p, 32), flip);
      const v3 = v128.xor(v128.load(p, 48), flip);
      m0 = f32x4.pmax(m0, v0);
      m1 = f32x4.pmax(m1, v1);
      m2 = f32x4.pmax(m2, v2);
      m3 = f32x4.pmax(m3, v3);
      s0 = f32x4.add(s0, v0);
      s1 = f32x4.add(s1, v1);
      s2 = f32x4.add(s2, v2);
      s3 = f32x4.add(s3, v3);
    }
    for (; p < last; p += 16) {
      const v0 = v128.xor(v128.load(p), flip);
      m0 = f32x4.pmax(m0, v0);
      s0 = f32x4.add(s0, v0);
    }
    m0 = f32x4.pmax(f32x4.pmax(m0, m1), f32x4.pmax(m2, m3));
    s0 = f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3));
    m0 = f32x4.pmax(m0, v128.shuffle<i64>(m0, m0, 1, 0));
    m0 = f32x4.pmax(m0, v128.shuffle<i32>(m0, m0, 1, 0, 3, 2));
    const m = f32x4.extract_lane(m0, 0);
    if (m != 0 && !v128.any_true(f32x4.ne(s0, s0))) return m;
    let signs = v128.xor(v128.load(last), flip);
    let nan = f32x4.ne(signs, signs);
    for (p = x; p < last; p += 16) {
      const v = v128.xor(v128.load(p), flip);
      signs = v128.and(signs, v);
      nan = v128.or(nan, f32x4.ne(v, v));
    }
    if (v128.any_true(nan)) return NaN;
    return copysign<f32>(m, i32x4.bitmask(signs) == 15 ? -1 : 1);
  }
  // Not `max` of scalars, which V8 makes of branches that nobody can predict.
  let m = v128.xor(v128.load_splat<f32>(x), flip);
  while (--n) {
    x += 4;
    m = f32x4.max(m, v128.xor(v128.load_splat<f32>(x), flip));
  }
  return f32x4.extract_lane(m, 0);
}

/** x with its sign bit flipped if `sign` says so. */
// @ts-ignore: decorator
@inline
export function flip_sign(x: f32, sign: i32): f32 {
  return reinterpret<f32>(reinterpret<i32>(x) ^ sign);
}
