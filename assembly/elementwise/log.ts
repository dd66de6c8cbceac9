import { held4, heldBits4, hiddenZero } from '../math/held';
import {
  DENORMAL_SCALE,
  LEAST_NORMAL,
  LOG_1,
  LOG_2,
  LOG_3,
  LOG_4,
  LOG_LN2_HI,
  LOG_LN2_LO,
  MANTISSA,
  ROOT_HALF,
  log4,
} from '../math/log';

/**
 * y = ln x, elementwise.
 * x, y: f32[n]; y may be x. 0 → -Inf, x < 0 → NaN, NaN → NaN, +Inf → Inf; denormals have no special rule.
 * Max error over all 2^32 inputs: 0.84 ULP (scripts/check-ulp.mjs; 0.5 is correct rounding).
 */
export function log_forward(y: usize, x: usize, n: i32): void {
  const zero = hiddenZero(n);
  const least = held4(LEAST_NORMAL, zero);
  const scale = held4(DENORMAL_SCALE, zero);
  const scaleLog2 = held4(23, zero);
  const root = heldBits4(ROOT_HALF, zero);
  const mantissa = heldBits4(MANTISSA, zero);
  const one = held4(1, zero);
  const half = held4(0.5, zero);
  const inf = held4(Infinity, zero);
  const hi = held4(LOG_LN2_HI, zero);
  const lo = held4(LOG_LN2_LO, zero);
  const l4 = held4(LOG_4, zero);
  const l3 = held4(LOG_3, zero);
  const l2 = held4(LOG_2, zero);
  const l1 = held4(LOG_1, zero);

  const end = x + (<usize>n << 2);
  const end4 = x + (<usize>(n & ~3) << 2);
  for (; x < end4; x += 16, y += 16) {
    const v = v128.load(x);
    v128.store(y, log4(v, zero, least, scale, scaleLog2, root, mantissa, one, half, inf, hi, lo, l4, l3, l2, l1));
  }
  // One lane of the same vector code: a result never depends on where the range was cut.
  for (; x < end; x += 4, y += 4) {
    const v = v128.load_splat<f32>(x);
    const r = log4(v, zero, least, scale, scaleLog2, root, mantissa, one, half, inf, hi, lo, l4, l3, l2, l1);
    v128.store_lane<f32>(y, r, 0);
  }
}
