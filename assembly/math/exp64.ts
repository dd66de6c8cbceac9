import { madd2, nmadd2 } from './madd';

// @ts-ignore: decorator
@inline
export const LOG2E_64: f64 = 1.4426950408889634;
// @ts-ignore: decorator
@inline
export const LN2_64: f64 = 0.6931471805599453;

/** 1.5·2^52 rounds to the nearest integer; with the bias of the exponent and a factor 2^64, as in exp.ts. */
// @ts-ignore: decorator
@inline
export const ROUND_SCALED_64: f64 = 6755399441055744 + 1023 + 64;

/** Here, at -1087·ln 2, that power has the bits of 0: a result of -Inf is exact, without an underflow. */
// @ts-ignore: decorator
@inline
export const SCALED_LOWER_64: f64 = -753.4;

/** The inverse of that factor. */
// @ts-ignore: decorator
@inline
export const TWO_MINUS_64: f64 = 5.421010862427522e-20;

/** r·coth(r / 2) ≈ 2 + r²·(COTH64_1 + r²·(COTH64_2 + r²·COTH64_3)): e^r to 3.6e-13 for |r| ≤ 0.3477. */
// @ts-ignore: decorator
@inline
export const COTH64_1: f64 = 0.16666666593627175;
// @ts-ignore: decorator
@inline
export const COTH64_2: f64 = -0.002777746317947562;
// @ts-ignore: decorator
@inline
export const COTH64_3: f64 = 6.572918503505838e-5;

/**
 * 2^64·e^x per lane for x in [SCALED_LOWER_64, 0], 0 at that; NaN → NaN. Float64 arithmetic, but not to the last bit
 * of it: relative error 4e-13. The method of expScaled4.
 */
// @ts-ignore: decorator
@inline
export function expScaled2(
  x: v128,
  log2e: v128,
  round: v128,
  ln2: v128,
  coth3: v128,
  coth2: v128,
  coth1: v128,
  two: v128,
): v128 {
  const z = madd2(x, log2e, round);
  const r = nmadd2(f64x2.sub(z, round), ln2, x);
  const u = f64x2.mul(r, r);
  const c = madd2(madd2(madd2(u, coth3, coth2), u, coth1), u, two);
  const t = f64x2.div(f64x2.add(r, r), f64x2.sub(c, r));
  const power = i64x2.shl(z, 52);
  return madd2(t, power, power);
}
