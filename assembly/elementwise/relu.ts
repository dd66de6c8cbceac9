import { hiddenZero } from '../math/held';

/**
 * y = max(x, 0), elementwise.
 * x, y: f32[n]; y may be x. NaN → NaN, -0 → zero of either sign.
 *
 * `pmax(x, 0)` is one instruction and keeps NaN (`pmax(0, x)` would lose it; `max` is three times
 * slower in cache): the order of the operands is the semantics.
 */
export function relu_forward(y: usize, x: usize, n: i32): void {
  const zero = hiddenZero(n);
  const end = x + (<usize>n << 2);
  const end16 = x + (<usize>(n & ~15) << 2);
  for (; x < end16; x += 64, y += 64) {
    v128.store(y, f32x4.pmax(v128.load(x), zero));
    v128.store(y, f32x4.pmax(v128.load(x, 16), zero), 16);
    v128.store(y, f32x4.pmax(v128.load(x, 32), zero), 32);
    v128.store(y, f32x4.pmax(v128.load(x, 48), zero), 48);
  }
  // One lane of the same vector code: a result never depends on where the range was cut.
  for (; x < end; x += 4, y += 4) v128.store_lane<f32>(y, f32x4.pmax(v128.load_splat<f32>(x), zero), 0);
}

/**
 * dx = dout where y > 0 or y is NaN, else 0: the complement of y ≤ 0, so it works from the output
 * of ReLU as well as from its input.
 * dx, dout, y: f32[n]; dx may be dout or y.
 */
export function relu_backward(dx: usize, dout: usize, y: usize, n: i32): void {
  const zero = hiddenZero(n);
  const end = y + (<usize>n << 2);
  const end16 = y + (<usize>(n & ~15) << 2);
  for (; y < end16; y += 64, dout += 64, dx += 64) {
    v128.store(dx, v128.andnot(v128.load(dout), f32x4.le(v128.load(y), zero)));
    v128.store(dx, v128.andnot(v128.load(dout, 16), f32x4.le(v128.load(y, 16), zero)), 16);
    v128.store(dx, v128.andnot(v128.load(dout, 32), f32x4.le(v128.load(y, 32), zero)), 32);
    v128.store(dx, v128.andnot(v128.load(dout, 48), f32x4.le(v128.load(y, 48), zero)), 48);
  }
  for (; y < end; y += 4, dout += 4, dx += 4) {
    v128.store_lane<f32>(dx, v128.andnot(v128.load_splat<f32>(dout), f32x4.le(v128.load_splat<f32>(y), zero)), 0);
  }
}
