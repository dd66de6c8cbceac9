/** y = α·x. x, y: f32[n]; y may be x. α = 0 does not hide NaN or Inf in x. */
export function scale(y: usize, x: usize, alpha: f32, n: i32): void {
  const factor = f32x4.splat(alpha);
  const end = x + (<usize>n << 2);
  const end16 = x + (<usize>(n & ~15) << 2);
  for (; x < end16; x += 64, y += 64) {
    v128.store(y, f32x4.mul(v128.load(x), factor));
    v128.store(y, f32x4.mul(v128.load(x, 16), factor), 16);
    v128.store(y, f32x4.mul(v128.load(x, 32), factor), 32);
    v128.store(y, f32x4.mul(v128.load(x, 48), factor), 48);
  }
  for (; x < end; x += 4, y += 4) v128.store_lane<f32>(y, f32x4.mul(v128.load_splat<f32>(x), factor), 0);
}
