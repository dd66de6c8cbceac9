import { log4 } from '../math/log';

/**
 * y = ln x, elementwise.
 * x, y: f32[n]; y may be x. 0 → -Inf, x < 0 → NaN, NaN → NaN, +Inf → Inf; denormals have no special rule.
 */
export function log_forward(y: usize, x: usize, n: i32): void {
  const end = x + (<usize>n << 2);
  const end4 = x + (<usize>(n & ~3) << 2);
  for (; x < end4; x += 16, y += 16) v128.store(y, log4(v128.load(x)));
  // One lane of the same vector code: a result never depends on where the range was cut.
  for (; x < end; x += 4, y += 4) v128.store_lane<f32>(y, log4(v128.load_splat<f32>(x)), 0);
}
