import { madd4, select4 } from './madd';

// The method and coefficients of FreeBSD's e_logf.c. Functions take their constants as arguments, because a caller
// with a loop holds them in registers (see held.ts).

// @ts-ignore: decorator
@inline
export const LOG_1: f32 = 0.66666662693;
// @ts-ignore: decorator
@inline
export const LOG_2: f32 = 0.40000972152;
// @ts-ignore: decorator
@inline
export const LOG_3: f32 = 0.28498786688;
// @ts-ignore: decorator
@inline
export const LOG_4: f32 = 0.24279078841;

/** ln 2 in two parts; the upper one is 90851·2^-17, so its product with an exponent, |k| ≤ 149, is exact: 90851·149 < 2^24. */
// @ts-ignore: decorator
@inline
export const LOG_LN2_HI: f32 = 0.69313812256;
// @ts-ignore: decorator
@inline
export const LOG_LN2_LO: f32 = 9.0580006145e-6;

// @ts-ignore: decorator
@inline
export const LEAST_NORMAL: f32 = 1.17549435e-38;

/** What makes a denormal normal, 2^23. */
// @ts-ignore: decorator
@inline
export const DENORMAL_SCALE: f32 = 8388608;

/** The bits of √½. */
// @ts-ignore: decorator
@inline
export const ROOT_HALF: i32 = 0x3f3504f3;

// @ts-ignore: decorator
@inline
export const MANTISSA: i32 = 0x7fffff;

/**
 * ln x per lane over all of float32: 0 → -Inf, x < 0 → NaN, NaN → NaN, +Inf → Inf, denormals as exact as the rest.
 *
 * x = 2^k·(1 + f) with 1 + f in [√½, √2), s = f / (2 + f):
 *   ln x = k·ln 2 + f − (f²/2 − s·(f²/2 + R(s²))).
 */
// @ts-ignore: decorator
@inline
export function log4(
  x: v128,
  zero: v128,
  leastNormal: v128,
  scale: v128,
  scaleLog2: v128,
  rootHalf: v128,
  mantissa: v128,
  one: v128,
  half: v128,
  infinity: v128,
  ln2Hi: v128,
  ln2Lo: v128,
  l4: v128,
  l3: v128,
  l2: v128,
  l1: v128,
): v128 {
  const tiny = f32x4.lt(x, leastNormal);
  const bits = i32x4.sub(select4(f32x4.mul(x, scale), x, tiny), rootHalf);
  const k = f32x4.sub(f32x4.convert_i32x4_s(i32x4.shr_s(bits, 23)), v128.and(scaleLog2, tiny));
  const m = i32x4.add(v128.and(bits, mantissa), rootHalf);
  const f = f32x4.sub(m, one);

  const s = f32x4.div(f, f32x4.add(m, one));
  const u = f32x4.mul(s, s);
  const halfSquare = f32x4.mul(f32x4.mul(f, half), f);
  const r = madd4(madd4(madd4(madd4(l4, u, l3), u, l2), u, l1), u, halfSquare);
  const low = f32x4.sub(madd4(s, r, f32x4.mul(k, ln2Lo)), halfSquare);
  const y = madd4(k, ln2Hi, f32x4.add(f, low));

  // Adding +Inf or NaN where x is that, and -Inf where x is 0, gives the result there; other lanes add a zero.
  const special = v128.andnot(x, f32x4.lt(x, infinity));
  const pole = v128.and(f32x4.eq(x, zero), infinity);
  // An all-ones lane is a NaN.
  return v128.or(f32x4.sub(f32x4.add(y, special), pole), f32x4.lt(x, zero));
}
