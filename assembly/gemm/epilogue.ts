import { sigmoid4 } from '../elementwise/sigmoid';

/** What follows the sum of an element: nothing, max(y, 0), 1 / (1 + e^-y). */
export const NONE: i32 = 0;
export const RELU: i32 = 1;
export const SIGMOID: i32 = 2;

/**
 * C ← act(alpha·P + beta·C + bias) over a tile of partial sums P; with beta = 0, C is not read.
 * C: f32[m, n], ldc bytes a row; p: f32[m, ·], ldp bytes a row, a multiple of 16 with whole vectors; bias: f32[n]
 * or 0. One rounding for each of alpha·P, beta·C, their sum, the bias: where alpha is 1 and beta 0 or 1 that is
 * what the register tiles do themselves.
 */
export function merge(
  c: usize, ldc: usize, p: usize, ldp: usize, m: i32, n: i32, alpha: f32, beta: f32, bias: usize, activation: i32,
): void {
  const alpha4 = f32x4.splat(alpha);
  const beta4 = f32x4.splat(beta);
  const readsC = beta != 0;
  const end4 = <usize>(n & ~3) << 2;
  const end = <usize>n << 2;
  for (; m > 0; --m, c += ldc, p += ldp) {
    let j: usize = 0;
    for (; j < end4; j += 16) {
      let y = f32x4.mul(alpha4, v128.load(p + j));
      if (readsC) y = f32x4.add(f32x4.mul(beta4, v128.load(c + j)), y);
      if (bias) y = f32x4.add(y, v128.load(bias + j));
      v128.store(c + j, activate4(y, activation));
    }
    for (; j < end; j += 4) {
      let y = f32x4.mul(alpha4, v128.load_splat<f32>(p + j));
      if (readsC) y = f32x4.add(f32x4.mul(beta4, v128.load_splat<f32>(c + j)), y);
      if (bias) y = f32x4.add(y, v128.load_splat<f32>(bias + j));
      v128.store_lane<f32>(c + j, activate4(y, activation), 0);
    }
  }
}

/** Not inlined: one copy of the sigmoid is enough. */
function activate4(y: v128, activation: i32): v128 {
  if (activation == RELU) return f32x4.pmax(y, f32x4.splat(0));
  if (activation == SIGMOID) return sigmoid4(y);
  return y;
}
