import { sigmoid4 } from '../elementwise/sigmoid';
import { load_lanes, store_lanes } from '../math/lanes';

/**
 * What follows the sum of an element: max(y, 0), 1 / (1 + e^-y), or for 0 nothing. Callers know the numbers from ACTIVATION of
 * src/wasm/contract.ts.
 */
export const RELU: i32 = 1;
export const SIGMOID: i32 = 2;

/**
 * C ← act(alpha·P + beta·C + bias) over a tile of partial sums P; with beta = 0, C is not read.
 * C: f32[m, n], ldc bytes a row; p: f32[m, n], ldp bytes a row, read in whole vectors; p may be c; bias: f32[n] or 0.
 * One rounding for each of alpha·P, beta·C, their sum, and the bias; where alpha is 1 and beta 0 or 1 that is what
 * the register tiles do themselves.
 */
export function merge(
  c: usize, ldc: usize, p: usize, ldp: usize, m: i32, n: i32, alpha: f32, beta: f32, bias: usize, activation: i32,
): void {
  const alpha4 = f32x4.splat(alpha);
  const beta4 = f32x4.splat(beta);
  const end = <usize>(n & ~3) << 2;
  const left = n & 3;
  for (; m > 0; --m, c += ldc, p += ldp) {
    let j: usize = 0;
    for (; j < end; j += 16) {
      let y = f32x4.mul(alpha4, v128.load(p + j));
      if (beta != 0) y = f32x4.add(f32x4.mul(beta4, v128.load(c + j)), y);
      if (bias) y = f32x4.add(y, v128.load(bias + j));
      v128.store(c + j, activate4(y, activation));
    }
    if (left) {
      let y = f32x4.mul(alpha4, v128.load(p + j));
      if (beta != 0) y = f32x4.add(f32x4.mul(beta4, load_lanes(c + j, left)), y);
      if (bias) y = f32x4.add(y, load_lanes(bias + j, left));
      store_lanes(c + j, activate4(y, activation), left);
    }
  }
}

/** act(y) per lane. */
// @ts-ignore: decorator
@inline
export function activate4(y: v128, activation: i32): v128 {
  if (activation == SIGMOID) return activateSigmoid4(y);
  return activation == RELU ? f32x4.pmax(y, f32x4.splat(0)) : y;
}

/** Called from several places, so that one copy of the sigmoid is enough. */
function activateSigmoid4(y: v128): v128 {
  return sigmoid4(y);
}
