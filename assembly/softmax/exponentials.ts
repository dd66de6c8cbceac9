import { fraction2, power2, whole2 } from '../math/exp64';
import { low2 } from '../math/lanes';

/**
 * The sum, as two partial ones in float64, of 2^64·e^(x − max) over the front vectors of a row; with `write`, each of these
 * goes to y in float32. front: {@link frontBytes}; ahead: bytes to the next row, or 0; max: the maximum in both lanes; the
 * others are the constants of expScaled2. y may be x.
 */
// @ts-ignore: decorator
@inline
export function exponentials2(
  write: bool, y: usize, x: usize, front: usize, ahead: usize, max: v128,
  lower: v128, log2e: v128, round: v128, c3: v128, c2: v128, c1: v128, c0: v128,
): v128 {
  let sum = f64x2.splat(0);
  if (front == 0) return sum;
  // Two elements per iteration, two iterations in flight (exp64.ts): z0, f0 of the older one, z1, f1 of the newer. No branch
  // here, or V8 11 would rebuild the constants.
  let d = below2(x, max, lower);
  let z0 = whole2(d, log2e, round);
  let f0 = fraction2(d, z0, log2e, round);
  d = below2(x + 8, max, lower);
  let z1 = whole2(d, log2e, round);
  let f1 = fraction2(d, z1, log2e, round);
  for (let i: usize = 16; i < front; i += 8) {
    const e = power2(z0, f0, c3, c2, c1, c0);
    if (write) v128.store_lane<i64>(y + i - 16, f32x4.demote_f64x2_zero(e), 0);
    sum = f64x2.add(sum, e);
    z0 = z1;
    f0 = f1;
    if (write) load<i32>(x + i + ahead); // prefetches the next row, while there is time to wait for it
    d = below2(x + i, max, lower);
    z1 = whole2(d, log2e, round);
    f1 = fraction2(d, z1, log2e, round);
  }
  const e0 = power2(z0, f0, c3, c2, c1, c0);
  const e1 = power2(z1, f1, c3, c2, c1, c0);
  if (write) v128.store(y + front - 16, narrow4(e0, e1));
  return f64x2.add(sum, f64x2.add(e0, e1));
}

/** x − max of two elements, not below where the exponential is 0. */
// @ts-ignore: decorator
@inline
function below2(x: usize, max: v128, lower: v128): v128 {
  return f64x2.pmax(f64x2.sub(low2(v128.load64_zero(x)), max), lower);
}

/** Four float32 of four float64. */
// @ts-ignore: decorator
@inline
export function narrow4(low: v128, high: v128): v128 {
  return v128.shuffle<f32>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 1, 4, 5);
}
