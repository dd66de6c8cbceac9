import { engine } from '../engine/engine.js';

/**
 * Products of so few multiplications are done here: entering the packed kernel costs more
 * (npm run bench -- step --shape 2-3-2 --sweep TINY=0,100; above: gemm --shape 4x4x4).
 */
export const TINY = 24;

/**
 * C ← act(op(A)·op(B) + beta·C + bias) in JavaScript, beta 0 or 1, act none or ReLU; arguments as `gemm`. Every product
 * and every sum is rounded to float32 in the order of the kernel: the bits of the baseline variant, overflow included.
 */
export function gemmTiny(
  transposeA: boolean,
  transposeB: boolean,
  m: number,
  n: number,
  k: number,
  a: number,
  lda: number,
  b: number,
  ldb: number,
  beta: number,
  c: number,
  ldc: number,
  bias: number,
  activation: number,
): void {
  const { f32 } = engine;
  const aRow = transposeA ? 1 : lda;
  const aCol = transposeA ? lda : 1;
  const bRow = transposeB ? 1 : ldb;
  const bCol = transposeB ? ldb : 1;
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      let p = (a >>> 2) + i * aRow;
      let q = (b >>> 2) + j * bCol;
      for (let l = 0; l < k; l++, p += aCol, q += bRow) {
        sum = Math.fround(sum + Math.fround(f32[p]! * f32[q]!));
      }
      const at = (c >>> 2) + i * ldc + j;
      let y = sum;
      if (beta !== 0) y = Math.fround(f32[at]! + y);
      if (bias !== 0) y = Math.fround(y + f32[(bias >>> 2) + j]!);
      f32[at] = activation === 1 && y < 0 ? 0 : y;
    }
  }
}
