import { heldBits4, hiddenZero } from '../math/held';

/**
 * y = |x|, elementwise.
 * x, y: f32[n]; y may be x. NaN → NaN, -0 → 0.
 */
export function abs_forward(y: usize, x: usize, n: i32): void {
  const magnitude = heldBits4(0x7fffffff, hiddenZero(n));
  const end = x + (<usize>n << 2);
  const end16 = x + (<usize>(n & ~15) << 2);
  for (; x < end16; x += 64, y += 64) {
    v128.store(y, v128.and(v128.load(x), magnitude));
    v128.store(y, v128.and(v128.load(x, 16), magnitude), 16);
    v128.store(y, v128.and(v128.load(x, 32), magnitude), 32);
    v128.store(y, v128.and(v128.load(x, 48), magnitude), 48);
  }
  for (; x < end; x += 4, y += 4) v128.store_lane<f32>(y, v128.and(v128.load_splat<f32>(x), magnitude), 0);
}
