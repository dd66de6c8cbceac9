import { exp4 } from '../math/exp';

/**
 * y = e^x, elementwise.
 * x, y: f32[n]; y may be x. NaN → NaN, +Inf → Inf, -Inf → 0, denormal results kept.
 */
export function exp_forward(y: usize, x: usize, n: i32): void {
  const end = x + (<usize>n << 2);
  const end8 = x + (<usize>(n & ~7) << 2);
  for (; x < end8; x += 32, y += 32) {
    const y0 = exp4(v128.load(x));
    const y1 = exp4(v128.load(x, 16));
    v128.store(y, y0);
    v128.store(y, y1, 16);
  }
  // One lane of the same vector code: a result never depends on where the range was cut.
  for (; x < end; x += 4, y += 4) v128.store_lane<f32>(y, exp4(v128.load_splat<f32>(x)), 0);
}
