import { heldBits4, hiddenZero } from '../math/held';

/**
 * y = −x, elementwise.
 * x, y: f32[n]; y may be x. NaN → NaN, 0 → -0.
 */
export function neg_forward(y: usize, x: usize, n: i32): void {
  const sign = heldBits4(0x80000000, hiddenZero(n));
  const end = x + (<usize>n << 2);
  const end16 = x + (<usize>(n & ~15) << 2);
  for (; x < end16; x += 64, y += 64) {
    v128.store(y, v128.xor(v128.load(x), sign));
    v128.store(y, v128.xor(v128.load(x, 16), sign), 16);
    v128.store(y, v128.xor(v128.load(x, 32), sign), 32);
    v128.store(y, v128.xor(v128.load(x, 48), sign), 48);
  }
  for (; x < end; x += 4, y += 4) v128.store_lane<f32>(y, v128.xor(v128.load_splat<f32>(x), sign), 0);
}
