import { madd4, nmadd4 } from './madd';

/**
 * e^x per lane, over all of float32: NaN → NaN, +Inf → Inf, -Inf → 0, denormal results kept.
 *
 * x = n·ln 2 + r with |r| ≤ ln 2 / 2; e^r by {@link expReduced4}; the factor 2^n, from 2^-150 to 2^128
 * too wide for one float32, is applied as 2^⌊n/2⌋ and 2^⌈n/2⌉: only the last product rounds.
 */
// @ts-ignore: decorator
@inline
export function exp4(x: v128): v128 {
  // From 89 on the result is Inf and down from -104 it is 0. `pmin(x, c)` with x first keeps NaN.
  x = f32x4.pmax(f32x4.pmin(x, f32x4.splat(89)), f32x4.splat(-104));
  // Adding 1.5·2^23 rounds to the nearest integer, which then stands in the low bits; 254 is twice the
  // exponent bias, so that the sum of the two halves is biased right.
  const shift = f32x4.splat(12582912 + 254);
  const z = madd4(x, f32x4.splat(LOG2E), shift);
  const low = v128.and(i32x4.shl(z, 22), i32x4.splat(0xff800000));
  const high = i32x4.sub(i32x4.shl(z, 23), low);
  return f32x4.mul(f32x4.mul(expReduced4(reduce4(x, f32x4.sub(z, shift))), low), high);
}

/**
 * 2^64·e^x per lane for x in [-104, 0] (in fact up to 44); NaN → NaN. The factor keeps the results normal
 * floats where e^x is denormal, so a caller who divides by something of the same scale loses nothing.
 */
// @ts-ignore: decorator
@inline
export function expScaled4(x: v128): v128 {
  const shift = f32x4.splat(12582912 + 127 + 64);
  const z = madd4(x, f32x4.splat(LOG2E), shift);
  return f32x4.mul(expReduced4(reduce4(x, f32x4.sub(z, shift))), i32x4.shl(z, 23));
}

// @ts-ignore: decorator
@inline
export const LOG2E: f32 = 1.44269504088896341;

/**
 * x − n·ln 2 per lane, |n| < 2^8. The upper part of ln 2 has 16 bits, so its product with n is exact and
 * so is the first difference (Cody and Waite).
 */
// @ts-ignore: decorator
@inline
export function reduce4(x: v128, n: v128): v128 {
  return nmadd4(n, f32x4.splat(1.428606765330187e-6), nmadd4(n, f32x4.splat(0.693145751953125), x));
}

/**
 * e^r per lane for |r| ≤ 0.3477: 1 + r + r²·q(r), q the polynomial of degree 4 with the least relative
 * error of e^r, 3.1e-9.
 */
// @ts-ignore: decorator
@inline
function expReduced4(r: v128): v128 {
  let q = madd4(r, f32x4.splat(0.0013814174), f32x4.splat(0.0083689218));
  q = madd4(q, r, f32x4.splat(0.041668408));
  q = madd4(q, r, f32x4.splat(0.16666519));
  q = madd4(q, r, f32x4.splat(0.49999993));
  q = madd4(q, r, f32x4.splat(1));
  return madd4(q, r, f32x4.splat(1));
}
