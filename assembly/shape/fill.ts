/** y = value, n elements. y: f32[n]; −0, NaN and Inf as given. */
export function fill(y: usize, value: f32, n: i32): void {
  const v = f32x4.splat(value);
  const end = y + (<usize>n << 2);
  for (const stop = y + (<usize>(n & ~15) << 2); y < stop; y += 64) {
    v128.store(y, v);
    v128.store(y, v, 16);
    v128.store(y, v, 32);
    v128.store(y, v, 48);
  }
  for (; y < end; y += 4) store<f32>(y, value);
}
