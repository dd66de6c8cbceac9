import {
  COTH_1,
  COTH_2,
  LOG2E,
  MINUS_LN2_HI,
  MINUS_LN2_LO,
  ROUND_SCALED,
  SCALED_LOWER,
  coth4,
  reduce4,
} from '../math/exp';
import { held4, hiddenZero } from '../math/held';
import { madd4 } from '../math/madd';

/** From 20 on, the sigmoid is 1 in float32. */
// @ts-ignore: decorator
@inline
const SIGMOID_UPPER: f32 = 20;

// @ts-ignore: decorator
@inline
const TWO_64: f32 = 1.8446744073709552e19;

/**
 * y = 1 / (1 + e^-x), elementwise.
 * x, y: f32[n]; y may be x. NaN → NaN, +Inf → 1, -Inf → 0, denormal results kept.
 * Max error over all 2^32 inputs: 2.44 ULP (scripts/check-ulp.mjs; 0.5 is correct rounding).
 */
export function sigmoid_forward(y: usize, x: usize, n: i32): void {
  const zero = hiddenZero(n);
  const upper = held4(SIGMOID_UPPER, zero);
  const lower = held4(SCALED_LOWER, zero);
  const log2e = held4(LOG2E, zero);
  const round = held4(ROUND_SCALED, zero);
  const hi = held4(MINUS_LN2_HI, zero);
  const lo = held4(MINUS_LN2_LO, zero);
  const c2 = held4(COTH_2, zero);
  const c1 = held4(COTH_1, zero);
  const two = held4(2, zero);
  const scale = held4(TWO_64, zero);

  const end = x + (<usize>n << 2);
  const end4 = x + (<usize>(n & ~3) << 2);
  for (; x < end4; x += 16, y += 16) {
    v128.store(y, sigmoid4(v128.load(x), upper, lower, log2e, round, hi, lo, c2, c1, two, scale));
  }
  // One lane of the same vector code: a result never depends on where the range was cut.
  for (; x < end; x += 4, y += 4) {
    const v = sigmoid4(v128.load_splat<f32>(x), upper, lower, log2e, round, hi, lo, c2, c1, two, scale);
    v128.store_lane<f32>(y, v, 0);
  }
}

/**
 * 1 / (1 + e^-x) per lane over all of float32.
 *
 * With x = n·ln 2 + r and e^r = (c + r) / (c − r) (see coth4), the one division that the sigmoid needs anyway
 * serves e^r too:
 *   y = 2^n·(c + r) / (2^n·(c + r) + (c − r)).
 * Numerator and denominator are scaled by 2^64, which keeps them normal where y is denormal: the division rounds
 * such a result once.
 */
// @ts-ignore: decorator
@inline
export function sigmoid4(
  x: v128,
  upper: v128 = f32x4.splat(SIGMOID_UPPER),
  lower: v128 = f32x4.splat(SCALED_LOWER),
  log2e: v128 = f32x4.splat(LOG2E),
  round: v128 = f32x4.splat(ROUND_SCALED),
  minusLn2Hi: v128 = f32x4.splat(MINUS_LN2_HI),
  minusLn2Lo: v128 = f32x4.splat(MINUS_LN2_LO),
  coth2: v128 = f32x4.splat(COTH_2),
  coth1: v128 = f32x4.splat(COTH_1),
  two: v128 = f32x4.splat(2),
  scale: v128 = f32x4.splat(TWO_64),
): v128 {
  x = f32x4.pmax(f32x4.pmin(x, upper), lower); // x first: this order keeps NaN
  const z = madd4(x, log2e, round);
  const r = reduce4(x, f32x4.sub(z, round), minusLn2Hi, minusLn2Lo);
  const c = coth4(r, coth2, coth1, two);
  const numerator = f32x4.mul(f32x4.add(c, r), i32x4.shl(z, 23));
  return f32x4.div(numerator, madd4(f32x4.sub(c, r), scale, numerator));
}

/**
 * dx = dout · y · (1 − y), elementwise, from the output of sigmoid_forward.
 * dx, dout, y: f32[n]; dx may be dout or y.
 */
export function sigmoid_backward(dx: usize, dout: usize, y: usize, n: i32): void {
  const one = held4(1, hiddenZero(n));
  const end = y + (<usize>n << 2);
  const end4 = y + (<usize>(n & ~3) << 2);
  for (; y < end4; y += 16, dout += 16, dx += 16) {
    const v = v128.load(y);
    v128.store(dx, f32x4.mul(v128.load(dout), f32x4.mul(v, f32x4.sub(one, v))));
  }
  for (; y < end; y += 4, dout += 4, dx += 4) {
    const v = v128.load_splat<f32>(y);
    v128.store_lane<f32>(dx, f32x4.mul(v128.load_splat<f32>(dout), f32x4.mul(v, f32x4.sub(one, v))), 0);
  }
}
