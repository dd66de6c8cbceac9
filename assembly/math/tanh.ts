import { LN2_HI, LN2_LO, LOG2E, ROUND, reduce4 } from './exp';
import { madd4 } from './madd';

/** Up from 10 tanh is 1 in float32. */
// @ts-ignore: decorator
@inline
export const TANH_UPPER: f32 = 10;

/** Below this the series serves directly; above it tanh > 1/2, so 1 − (…) loses nothing to cancellation. */
// @ts-ignore: decorator
@inline
export const TANH_SPLIT: f32 = 0.55;

// @ts-ignore: decorator
@inline
export const TANH_LOG2E: f32 = 2 * LOG2E;
// @ts-ignore: decorator
@inline
export const TANH_LN2_HI: f32 = LN2_HI / 2;
// @ts-ignore: decorator
@inline
export const TANH_LN2_LO: f32 = LN2_LO / 2;

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
 * |x| < 0.55: tanh r = r / c with r = |x| and c = r·coth r.
 * Otherwise |x| = n·(ln 2)/2 + r, |r| ≤ (ln 2)/4, and since e^2r = (c + r) / (c − r)
 *   tanh |x| = 1 − 2 / (e^2|x| + 1) = 1 − 2·(c − r) / (2^n·(c + r) + (c − r)).
 * One division serves both.
 */
// @ts-ignore: decorator
@inline
export function tanh4(
  x: v128,
  upper: v128 = f32x4.splat(TANH_UPPER),
  split: v128 = f32x4.splat(TANH_SPLIT),
  log2e: v128 = f32x4.splat(TANH_LOG2E),
  round: v128 = f32x4.splat(TANH_ROUND),
  ln2Hi: v128 = f32x4.splat(TANH_LN2_HI),
  ln2Lo: v128 = f32x4.splat(TANH_LN2_LO),
  c3: v128 = f32x4.splat(TANH_3),
  c2: v128 = f32x4.splat(TANH_2),
  c1: v128 = f32x4.splat(TANH_1),
  one: v128 = f32x4.splat(1),
  minusTwo: v128 = f32x4.splat(-2),
): v128 {
  const magnitude = f32x4.abs(x);
  const sign = v128.xor(x, magnitude);
  x = f32x4.pmin(magnitude, upper); // x first: this order keeps NaN
  const large = f32x4.ge(x, split);
  const z = madd4(x, log2e, round);
  const r = reduce4(x, v128.and(f32x4.sub(z, round), large), ln2Hi, ln2Lo);
  const u = f32x4.mul(r, r);
  const c = madd4(madd4(madd4(u, c3, c2), u, c1), u, one);
  const d = f32x4.sub(c, r);
  const numerator = v128.bitselect(f32x4.mul(minusTwo, d), r, large);
  const denominator = v128.bitselect(madd4(f32x4.add(c, r), i32x4.shl(z, 23), d), c, large);
  return v128.or(f32x4.add(f32x4.div(numerator, denominator), v128.and(one, large)), sign);
}
