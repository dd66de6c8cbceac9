import { madd2, madd2Again } from './madd';

// @ts-ignore: decorator
@inline
export const LOG2E_64: f64 = 1.4426950408889634;

/** 1.5·2^52 rounds to the nearest integer; with the bias of the exponent and a factor 2^64, as in exp.ts. */
// @ts-ignore: decorator
@inline
export const ROUND_SCALED_64: f64 = 6755399441055744 + 1023 + 64;

/** Here, at -1087·ln 2, that power has the bits of 0: a result of -Inf is exact, without an underflow. */
// @ts-ignore: decorator
@inline
export const SCALED_LOWER_64: f64 = -753.4;

/** 2^-64, the inverse of the factor in {@link ROUND_SCALED_64}. */
// @ts-ignore: decorator
@inline
export const TWO_MINUS_64: f64 = 5.421010862427522e-20;

/**
 * f·coth(f·ln 2 / 2) ≈ COTH64_0 + f²·(COTH64_1 + f²·(COTH64_2 + f²·COTH64_3)), of which the first is 2 / ln 2: 2^f to
 * 3.6e-13 for |f| ≤ ½.
 */
// @ts-ignore: decorator
@inline
export const COTH64_0: f64 = 2.8853900817779268;
// @ts-ignore: decorator
@inline
export const COTH64_1: f64 = 0.11552452958705303;
// @ts-ignore: decorator
@inline
export const COTH64_2: f64 = -0.0009250580008480171;
// @ts-ignore: decorator
@inline
export const COTH64_3: f64 = 0.000010516846926987662;

/**
 * 2^64·e^x per lane for x in [SCALED_LOWER_64, 0]; SCALED_LOWER_64 → 0, NaN → NaN. Float64 arithmetic, but not accurate to
 * its last bit: relative error 4e-13. The method of expScaled4 in base 2, x·log2 e = n + f: one operation less, and the
 * rounding of that product in float64 does not matter.
 */
// @ts-ignore: decorator
@inline
export function expScaled2(
  x: v128,
  log2e: v128,
  round: v128,
  coth3: v128,
  coth2: v128,
  coth1: v128,
  coth0: v128,
): v128 {
  const z = whole2(x, log2e, round);
  return power2(z, fraction2(x, z, log2e, round), coth3, coth2, coth1, coth0);
}

// The two halves of expScaled2, for software-pipelined loops: an exponential begins two iterations before it ends. Computed
// one after the other, the long dependency chains of a few exponentials fill the scheduler's queue, and the arithmetic units
// stall: 18 cycles for four elements instead of 15 (bench/NOTES.md).

/** n of x·log2 e = n + f, in the low bits and as the part above `round`. */
// @ts-ignore: decorator
@inline
export function whole2(x: v128, log2e: v128, round: v128): v128 {
  return madd2(x, log2e, round);
}

/** f of x·log2 e = n + f, |f| ≤ ½, from what {@link whole2} gave. */
// @ts-ignore: decorator
@inline
export function fraction2(x: v128, z: v128, log2e: v128, round: v128): v128 {
  return madd2Again(x, log2e, f64x2.sub(round, z));
}

/** 2^64·2^(n + f). */
// @ts-ignore: decorator
@inline
export function power2(z: v128, f: v128, coth3: v128, coth2: v128, coth1: v128, coth0: v128): v128 {
  const u = f64x2.mul(f, f);
  const c = madd2(madd2(madd2(u, coth3, coth2), u, coth1), u, coth0);
  return f64x2.div(f64x2.mul(f64x2.add(c, f), i64x2.shl(z, 52)), f64x2.sub(c, f));
}
