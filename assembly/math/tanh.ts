import { LOG2E, ROUND } from './exp';
import { madd4, select4 } from './madd';

/** From -10 down, tanh is -1 in float32. */
// @ts-ignore: decorator
@inline
export const TANH_LOWER: f32 = -10;

/** Nearer to 0 than this the series serves directly; beyond it |tanh| > 1/2, so 1 − (…) loses nothing to cancellation. */
// @ts-ignore: decorator
@inline
export const TANH_SPLIT: f32 = -0.55;

// @ts-ignore: decorator
@inline
export const TANH_LOG2E: f32 = 2 * LOG2E;
/** -(ln 2) / 2 in one part: its error, 1e-9, counts |n| ≤ 29 times, but the larger |n|, the nearer tanh is to ±1. */
// @ts-ignore: decorator
@inline
export const TANH_MINUS_LN2: f32 = -0.34657359028;

/** {@link ROUND} with the bias of the exponent in it: `z << 23` is the float 2^n. */
// @ts-ignore: decorator
@inline
export const TANH_ROUND: f32 = ROUND + 127;

/**
 * r·coth r ≈ 1 + r²·(TANH_1 + r²·(TANH_2 + r²·TANH_3)) with the least relative error for |r| ≤ 0.55: 1.5e-8.
 */
// @ts-ignore: decorator
@inline
export const TANH_1: f32 = 0.3333323270022228;
// @ts-ignore: decorator
@inline
export const TANH_2: f32 = -0.022201855716203216;
// @ts-ignore: decorator
@inline
export const TANH_3: f32 = 0.0019984901519385707;

/**
 * tanh x per lane over all of float32: NaN → NaN, ±Inf → ±1, ±0 and denormals as they are.
 *
 * With a = −|x|, |x| < 0.55: tanh a = a / c, c = a·coth a.
 * Otherwise a = n·(ln 2)/2 + r, |r| ≤ (ln 2)/4, e^2r = (c + r) / (c − r), and
 *   tanh |x| = 1 − 2·e^2a / (1 + e^2a) = 1 − 2·2^n·(c + r) / (2^n·(c + r) + (c − r)).
 * One division serves both.
 */
// @ts-ignore: decorator
@inline
export function tanh4(
  x: v128,
  signBit: v128,
  lower: v128,
  split: v128,
  log2e: v128,
  round: v128,
  minusLn2: v128,
  c3: v128,
  c2: v128,
  c1: v128,
  one: v128,
): v128 {
  const a = f32x4.pmax(v128.or(x, signBit), lower); // this order keeps NaN
  const large = f32x4.le(a, split);
  const z = madd4(a, log2e, round);
  const r = madd4(v128.and(f32x4.sub(z, round), large), minusLn2, a);
  const u = f32x4.mul(r, r);
  const c = madd4(madd4(madd4(u, c3, c2), u, c1), u, one);
  const w = f32x4.mul(f32x4.add(c, r), i32x4.shl(z, 23));
  const numerator = select4(f32x4.add(w, w), r, large);
  const denominator = select4(f32x4.add(w, f32x4.sub(c, r)), c, large);
  const y = f32x4.sub(v128.and(one, large), f32x4.div(numerator, denominator));
  return v128.or(y, v128.and(x, signBit));
}
