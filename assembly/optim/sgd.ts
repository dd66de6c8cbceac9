import { madd4 } from '../math/madd';

/**
 * w ← w − learningRate · g, elementwise (stochastic gradient descent).
 * w, g: f32[n]; w may be g. Rounded as {@link madd4}.
 */
export function sgd_update(w: usize, g: usize, n: i32, learningRate: f32): void {
  const rate = f32x4.splat(-learningRate);
  const end = w + (<usize>n << 2);
  const end16 = w + (<usize>(n & ~15) << 2);
  for (; w < end16; w += 64, g += 64) {
    v128.store(w, madd4(rate, v128.load(g), v128.load(w)));
    v128.store(w, madd4(rate, v128.load(g, 16), v128.load(w, 16)), 16);
    v128.store(w, madd4(rate, v128.load(g, 32), v128.load(w, 32)), 32);
    v128.store(w, madd4(rate, v128.load(g, 48), v128.load(w, 48)), 48);
  }
  for (; w < end; w += 4, g += 4) {
    v128.store_lane<f32>(w, madd4(rate, v128.load_splat<f32>(g), v128.load_splat<f32>(w)), 0);
  }
}
