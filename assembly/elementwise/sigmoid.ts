import { LOG2E, reduce4 } from '../math/exp';
import { madd4 } from '../math/madd';

/**
 * y = 1 / (1 + e^-x), elementwise.
 * x, y: f32[n]; y may be x. NaN → NaN, +Inf → 1, -Inf → 0, denormal results kept.
 */
export function sigmoid_forward(y: usize, x: usize, n: i32): void {
  const end = x + (<usize>n << 2);
  const end8 = x + (<usize>(n & ~7) << 2);
  for (; x < end8; x += 32, y += 32) {
    const y0 = sigmoid4(v128.load(x));
    const y1 = sigmoid4(v128.load(x, 16));
    v128.store(y, y0);
    v128.store(y, y1, 16);
  }
  // One lane of the same vector code: a result never depends on where the range was cut.
  for (; x < end; x += 4, y += 4) v128.store_lane<f32>(y, sigmoid4(v128.load_splat<f32>(x)), 0);
}

/**
 * 1 / (1 + e^-x) per lane, over all of float32.
 *
 * With x = n·ln 2 + r, e^r = (c + r) / (c − r) where c = r·coth(r / 2) is even in r and so smooth that two
 * terms of its series do (e^r to 6e-10). The division that the sigmoid needs anyway then serves both:
 *   y = 2^n·(c + r) / (2^n·(c + r) + (c − r)).
 * Numerator and denominator are scaled by 2^64, which keeps them normal where y is denormal: the division
 * rounds such a result once.
 */
// @ts-ignore: decorator
@inline
export function sigmoid4(x: v128): v128 {
  // From 20 on y is 1 and down from -104 it is 0. `pmin(x, c)` with x first keeps NaN.
  x = f32x4.pmax(f32x4.pmin(x, f32x4.splat(20)), f32x4.splat(-104));
  const shift = f32x4.splat(12582912 + 127 + 64);
  const z = madd4(x, f32x4.splat(LOG2E), shift);
  const r = reduce4(x, f32x4.sub(z, shift));
  const u = f32x4.mul(r, r);
  const c = madd4(madd4(u, f32x4.splat(-0.0027659024), f32x4.splat(0.16666617)), u, f32x4.splat(2));
  const numerator = f32x4.mul(f32x4.add(c, r), i32x4.shl(z, 23));
  return f32x4.div(numerator, madd4(f32x4.sub(c, r), f32x4.splat(1.8446744073709552e19), numerator));
}
