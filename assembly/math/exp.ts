import { madd4 } from './madd';

// The constants of the family, each in one place: functions take them as arguments, because a caller with a
// loop holds them in registers (see held.ts).

// @ts-ignore: decorator
@inline
export const LOG2E: f32 = 1.44269504088896341;

/** The constants of range reduction are negative, because madd.ts has a multiply-add and no multiply-subtract. */
// @ts-ignore: decorator
@inline
export const MINUS_LN2: f32 = -0.6931471805599453;

/** -ln 2 in two parts (Cody and Waite); the upper one has 15 significant bits, so its product with |n| < 2^8 is exact. */
// @ts-ignore: decorator
@inline
export const MINUS_LN2_HI: f32 = -0.693145751953125;
// @ts-ignore: decorator
@inline
export const MINUS_LN2_LO: f32 = -1.428606765330187e-6;

/** Adding 1.5·2^23 rounds to the nearest integer, which then stands in the low bits of the sum. */
// @ts-ignore: decorator
@inline
export const ROUND: f32 = 12582912;

/** {@link ROUND} with the bias of the exponent in it and a factor 2^64: `z << 23` is the float 2^(n + 64). */
// @ts-ignore: decorator
@inline
export const ROUND_SCALED: f32 = ROUND + 127 + 64;

/** {@link ROUND} with the bias twice, for a power that is split into two factors. */
// @ts-ignore: decorator
@inline
export const ROUND_SPLIT: f32 = ROUND + 254;

/** From 89 on, e^x is Inf in float32. */
// @ts-ignore: decorator
@inline
export const EXP_UPPER: f32 = 89;

/**
 * From -104 down, e^x is 0 in float32. At this argument, -254·ln 2, both factors of the split power have the bits of
 * 0: e^-Inf is then an exact product, not an underflow, which costs processors many times as much.
 */
// @ts-ignore: decorator
@inline
export const EXP_LOWER: f32 = -176;

/** The same for the scaled power, -191·ln 2. */
// @ts-ignore: decorator
@inline
export const SCALED_LOWER: f32 = -132.4;

/**
 * r·coth(r / 2) ≈ 2 + r²·(COTH_1 + r²·COTH_2), with the least error of e^r for |r| ≤ 0.3477: 5.4e-10 relative.
 */
// @ts-ignore: decorator
@inline
export const COTH_1: f32 = 0.16666617;
// @ts-ignore: decorator
@inline
export const COTH_2: f32 = -0.0027659024;

/** x − n·ln 2 per lane, |n| < 2^8. */
// @ts-ignore: decorator
@inline
export function reduce4(x: v128, n: v128, minusLn2Hi: v128, minusLn2Lo: v128): v128 {
  return madd4(n, minusLn2Lo, madd4(n, minusLn2Hi, x));
}

/**
 * c = r·coth(r / 2) per lane for |r| ≤ 0.3477. With it e^r = (c + r) / (c − r) = 1 + r / (c/2 − r/2). It is even in r
 * and so smooth that two terms are worth six of the series of e^r; the division costs less than the other four.
 * With all three constants halved, c/2.
 */
// @ts-ignore: decorator
@inline
export function coth4(r: v128, coth2: v128, coth1: v128, two: v128): v128 {
  const u = f32x4.mul(r, r);
  return madd4(madd4(u, coth2, coth1), u, two);
}

/**
 * e^x per lane over all of float32: NaN → NaN, +Inf → Inf, -Inf → 0, denormal results kept.
 * x = n·ln 2 + r, |r| ≤ ln 2 / 2. The factor 2^n, from 2^-150 to 2^128, exceeds the range of normal float32 and is applied
 * as two, 2^⌊n/2⌋ and 2^⌈n/2⌉; of these scalings only the second can round, where the result is denormal.
 */
// @ts-ignore: decorator
@inline
export function exp4(
  x: v128,
  upper: v128,
  lower: v128,
  log2e: v128,
  round: v128,
  minusLn2Hi: v128,
  minusLn2Lo: v128,
  coth2: v128,
  coth1: v128,
  one: v128,
  minusHalf: v128,
): v128 {
  x = f32x4.pmax(f32x4.pmin(x, upper), lower); // x first: this order keeps NaN
  const z = madd4(x, log2e, round);
  const r = reduce4(x, f32x4.sub(z, round), minusLn2Hi, minusLn2Lo);
  const t = f32x4.div(r, madd4(r, minusHalf, coth4(r, coth2, coth1, one)));
  const power = i32x4.shl(i32x4.shr_u(z, 1), 23);
  return f32x4.mul(madd4(t, power, power), i32x4.sub(i32x4.shl(z, 23), power));
}

/**
 * 2^64·e^x per lane for x in [SCALED_LOWER, 0]; SCALED_LOWER → 0, NaN → NaN. Where e^x is denormal this is a normal float:
 * a caller that divides by something of the same scale loses nothing.
 *
 * e^r = (c + r) / (c − r), with 2^n a factor of the dividend: fewer operations than in {@link exp4} and a shorter
 * chain (bench/NOTES.md), for one rounding more.
 *
 * For an x that was rounded, such as the difference to a maximum. That rounding makes a relative error |x|·2^-24 in
 * e^x; one constant for ln 2 instead of two makes no more than the same again (a 30th of it with relaxed SIMD).
 */
// @ts-ignore: decorator
@inline
export function expScaled4(x: v128, log2e: v128, round: v128, minusLn2: v128, coth2: v128, coth1: v128, two: v128): v128 {
  const z = madd4(x, log2e, round);
  return powerScaled4(z, restScaled4(x, z, round, minusLn2), coth2, coth1, two);
}

// The two halves of expScaled4, for software-pipelined loops, which begin an exponential two iterations ahead; see exp64.ts.

/** r of x = n·ln 2 + r, from z = x·log2 e + round. */
// @ts-ignore: decorator
@inline
export function restScaled4(x: v128, z: v128, round: v128, minusLn2: v128): v128 {
  return madd4(f32x4.sub(z, round), minusLn2, x);
}

/** 2^64·2^n·e^r. */
// @ts-ignore: decorator
@inline
export function powerScaled4(z: v128, r: v128, coth2: v128, coth1: v128, two: v128): v128 {
  const c = coth4(r, coth2, coth1, two);
  return f32x4.div(f32x4.mul(f32x4.add(c, r), i32x4.shl(z, 23)), f32x4.sub(c, r));
}
