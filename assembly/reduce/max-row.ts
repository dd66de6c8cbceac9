/**
 * max x ^ sign over x: f32[n], n ≥ 1, sign 0 or the sign bit; NaN if any is; +0 above −0.
 *
 * `f32x4.max` is eight instructions on x86. Here four: `pmax`, and beside it the two facts that it
 * loses, whether a NaN came by, and whether any value had its sign clear: among values with maximum zero
 * only +0 has.
 */
export function max_row(x: usize, n: i32, sign: i32): f32 {
  const flip = i32x4.splat(sign);
  const last = x + (<usize>n << 2) - 16;
  let m0 = v128.xor(v128.load_splat<f32>(x), flip);
  let signs = m0;
  let nan = f32x4.ne(m0, m0);
  if (n < 4) {
    for (let i = 1; i < n; i++) {
      const v0 = v128.xor(v128.load_splat<f32>(x + (<usize>i << 2)), flip);
      nan = v128.or(nan, f32x4.ne(v0, v0));
      signs = v128.and(signs, v0);
      m0 = f32x4.pmax(m0, v0);
    }
  } else {
    let m1 = m0;
    let m2 = m0;
    let m3 = m0;
    for (const stop = x + (<usize>(n & ~15) << 2); x < stop; x += 64) {
      const v0 = v128.xor(v128.load(x), flip);
      const v1 = v128.xor(v128.load(x, 16), flip);
      const v2 = v128.xor(v128.load(x, 32), flip);
      const v3 = v128.xor(v128.load(x, 48), flip);
      nan = v128.or(nan, v128.or(v128.or(f32x4.ne(v0, v0), f32x4.ne(v1, v1)), v128.or(f32x4.ne(v2, v2), f32x4.ne(v3, v3))));
      signs = v128.and(signs, v128.and(v128.and(v0, v1), v128.and(v2, v3)));
      m0 = f32x4.pmax(m0, v0);
      m1 = f32x4.pmax(m1, v1);
      m2 = f32x4.pmax(m2, v2);
      m3 = f32x4.pmax(m3, v3);
    }
    m0 = f32x4.pmax(f32x4.pmax(m0, m1), f32x4.pmax(m2, m3));
    for (; x < last; x += 16) {
      const v0 = v128.xor(v128.load(x), flip);
      nan = v128.or(nan, f32x4.ne(v0, v0));
      signs = v128.and(signs, v0);
      m0 = f32x4.pmax(m0, v0);
    }
    // The last four again, whole: a maximum does not mind an element that it has seen.
    const v0 = v128.xor(v128.load(last), flip);
    nan = v128.or(nan, f32x4.ne(v0, v0));
    signs = v128.and(signs, v0);
    m0 = f32x4.pmax(m0, v0);
  }
  if (v128.any_true(nan)) return f32.NaN;
  m0 = f32x4.pmax(m0, v128.shuffle<i64>(m0, m0, 1, 0));
  m0 = f32x4.pmax(m0, v128.shuffle<i32>(m0, m0, 1, 0, 3, 2));
  const m = f32x4.extract_lane(m0, 0);
  if (m == 0) return i32x4.bitmask(signs) == 15 ? -0.0 : 0.0;
  return m;
}

/** x with its sign bit flipped if `sign` says so. */
// @ts-ignore: decorator
@inline
export function flip_sign(x: f32, sign: i32): f32 {
  return reinterpret<f32>(reinterpret<i32>(x) ^ sign);
}
