import { engine } from '../engine/engine.js';

/** What follows the product, in the store of its last block. */
export const ACTIVATION = { none: 0, relu: 1, sigmoid: 2 } as const;
export type Activation = keyof typeof ACTIVATION;

/** Where a matrix lies: byte offset of its first element, elements between its rows. */
export interface Matrix {
  offset: number;
  ld: number;
}

export interface GemmOptions {
  transposeA?: boolean;
  transposeB?: boolean;
  alpha?: number;
  beta?: number;
  /** Byte offset of f32[n]; 0 for none. */
  bias?: number;
  activation?: Activation;
}

/**
 * C ← act(alpha·op(A)·op(B) + beta·C + bias), op(A) [m, k], op(B) [k, n], C [m, n]; unchecked.
 *
 * Which kernel runs depends on shapes only, never on the number of threads, so results have the same bits
 * for any of them.
 * @internal
 */
export function gemm(
  c: Matrix,
  a: Matrix,
  b: Matrix,
  m: number,
  n: number,
  k: number,
  where: string,
  { transposeA = false, transposeB = false, alpha = 1, beta = 0, bias = 0, activation = 'none' }: GemmOptions = {},
): void {
  if (m === 0 || n === 0) return;
  const call = engine.wasm;
  const act = ACTIVATION[activation];
  const scratch = engine.scratch(call.gemm_scratch_bytes(), where);
  if (m === 1 && (!transposeA || a.ld === 1)) {
    if (transposeB) call.gemv_n(c.offset, b.offset, b.ld, a.offset, n, k, alpha, beta, bias, act, scratch);
    else call.gemv_t(c.offset, b.offset, b.ld, a.offset, k, n, alpha, beta, bias, act, scratch);
    return;
  }
  const kernel = transposeA ? (transposeB ? 'gemm_tt' : 'gemm_tn') : transposeB ? 'gemm_nt' : 'gemm_nn';
  call[kernel](
    c.offset,
    c.ld,
    a.offset,
    a.ld,
    b.offset,
    b.ld,
    m,
    n,
    k,
    alpha,
    beta,
    bias,
    act,
    scratch,
    engine.tileRows,
  );
}
