import { held4, hiddenZero } from '../math/held';
import {
  TANH_1,
  TANH_2,
  TANH_3,
  TANH_LOG2E,
  TANH_LOWER,
  TANH_MINUS_LN2,
  TANH_ROUND,
  TANH_SPLIT,
  tanh4,
} from '../math/tanh';

/**
 * y = tanh x, elementwise.
 * x, y: f32[n]; y may be x. NaN → NaN, ±Inf → ±1, ±0 and denormals stay as they are.
 * Max error over all 2^32 inputs: 1.75 ULP, with relaxed SIMD 1.68 (scripts/check-ulp.mjs; 0.5 is correct rounding).
 */
export function tanh_forward(y: usize, x: usize, n: i32): void {
  const zero = hiddenZero(n);
  const signBit = held4(-0.0, zero);
  const lower = held4(TANH_LOWER, zero);
  const split = held4(TANH_SPLIT, zero);
  const log2e = held4(TANH_LOG2E, zero);
  const round = held4(TANH_ROUND, zero);
  const minusLn2 = held4(TANH_MINUS_LN2, zero);
  const c3 = held4(TANH_3, zero);
  const c2 = held4(TANH_2, zero);
  const c1 = held4(TANH_1, zero);
  const one = held4(1, zero);

  const end = x + (<usize>n << 2);
  const end4 = x + (<usize>(n & ~3) << 2);
  for (; x < end4; x += 16, y += 16) {
    v128.store(y, tanh4(v128.load(x), signBit, lower, split, log2e, round, minusLn2, c3, c2, c1, one));
  }
  // One lane of the same vector code: a result never depends on where the range was cut.
  for (; x < end; x += 4, y += 4) {
    const v = tanh4(v128.load_splat<f32>(x), signBit, lower, split, log2e, round, minusLn2, c3, c2, c1, one);
    v128.store_lane<f32>(y, v, 0);
  }
}
