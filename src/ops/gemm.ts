import { engine } from '../engine/engine.js';

/**
 * A product of up to this many steps, 2⌈m/2⌉ · 4⌈n/4⌉ · (k + 4), goes to gemm_tiny: the loops around the register tiles would
 * take longer than the arithmetic. Rows come in pairs, columns in vectors, and what follows the sums takes as long as 4 terms.
 * Half as many again where the tiles would need a copy of A or B
 * (npm run bench -- gemm --shape 6x6x6 --sweep ops/gemm:TINY=0, and --shape 8x8x8 with 1280).
 */
const TINY = 640;
/** Most rows of C without tiles (npm run bench -- gemm --shape 100x100 --sweep ops/gemm:FEW_ROWS=1,24). */
const FEW_ROWS = 12;
/**
 * The same where B has FAR elements or more: it comes from the outer caches or from memory, and a copy takes longer
 * (npm run bench -- gemm --shape 16x784x512 --sweep ops/gemm:MORE_ROWS=12, and --shape 32x4096x1024 with 32).
 */
const MORE_ROWS = 20;
const FAR = 65536;
/** A B of up to so many elements is in the level-1 cache, where tiles read it as it lies (IN_PLACE_BYTES: assembly/gemm/params.ts). */
const NEAR = 4096;
/** Fewer terms than this take tiles, however few rows (npm run bench -- gemm --shape 12x7x1024 --sweep ops/gemm:SHALLOW=1). */
const SHALLOW = 8;
/**
 * Most elements of a C = A·Bᵀ that is computed as (B·Aᵀ)ᵀ, where A has few rows: B is then read where it lies, A is packed, and
 * every sum has the same terms in the same order. It copies m·(k + 2n) elements, A and twice C, instead of the n·k of B. Cᵀ is
 * kept at the end of the scratch, which the inner product does not reach, because it packs fewer than 512 columns
 * (npm run bench -- gemm --shape 16x1024x1024 --sweep TURNED=0).
 */
const TURNED = 131072;
/** Up to so many columns, the sums of a single row fit one tile's registers: it has the bits of the tiles, not those of few rows. */
const NARROW = 16;

/** Multiply-adds that a thread does in a ns at least: m·n·k / this is no less than the time of a product. */
const TERMS_PER_NS = 8;

/**
 * C ← act(alpha·op(A)·op(B) + beta·C + bias), op(A) [m, k], op(B) [k, n], C [m, n]; unchecked. Arguments as BLAS orders
 * them: numbers, since an object for each matrix would cost as much as a small product. a, b, c, bias: byte offsets
 * (bias of f32[n], 0 for none); lda, ldb, ldc: elements from row to row.
 *
 * The order in which terms are added depends on the arguments only, never on the number of threads, so results have the same
 * bits for any number; nor does it depend on `activation`, so fused or not they have the same. (Where `activation` does decide
 * which kernel runs, both kernels give the same bits.)
 * @internal
 */
export function gemm(
  transposeA: boolean,
  transposeB: boolean,
  m: number,
  n: number,
  k: number,
  alpha: number,
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
  if (m === 0 || n === 0) return;
  if (isTiny(transposeA, transposeB, m, n, k) && alpha === 1 && (beta === 0 || beta === 1)) {
    const ta = transposeA ? 1 : 0;
    const tb = transposeB ? 1 : 0;
    engine.raw.gemm_tiny(c, ldc, a, lda, ta, b, ldb, tb, m, n, k, beta, bias, activation, tb && engine.packing);
    return;
  }
  const few = isFew(transposeA, transposeB, m, n, k);
  const mr = few ? 1 : engine.tileRows;
  const ns = (m * n * k) / TERMS_PER_NS;
  const wasm = engine.kernels(ns);
  const scratch = engine.packing;
  if (m === 1 && (!transposeA || lda === 1)) {
    // A single sum (n = 1) over a contiguous B goes to gemv_n, too: gemv_t, whose lanes are columns, would use one of them.
    const along = transposeB || (n === 1 && ldb === 1);
    if (along) wasm.gemv_n(c, b, ldb, a, n, k, alpha, beta, bias, activation, scratch, 1);
    else wasm.gemv_t(c, b, ldb, a, k, n, alpha, beta, bias, activation, scratch, n > NARROW ? 0 : 1);
  } else if (n === 1 && ldc === 1 && (transposeB || ldb === 1) && (!transposeA || bias === 0)) {
    if (transposeA) wasm.gemv_t(c, a, lda, b, k, m, alpha, beta, 0, activation, scratch, m > NARROW ? 0 : 1);
    else wasm.gemv_n(c, a, lda, b, m, k, alpha, beta, bias, activation, scratch, 0);
  } else if (
    transposeB &&
    !few &&
    beta === 0 &&
    bias === 0 &&
    activation === 0 &&
    m * n <= TURNED &&
    m * (k + 2 * n) <= n * k
  ) {
    const turned = scratch + engine.packingBytes - m * n * 4;
    gemm(false, !transposeA, n, m, k, alpha, b, ldb, a, lda, 0, turned, m, 0, 0);
    wasm.transpose2d(c, turned, n, m, m, ldc);
  } else {
    // A call that is not shared has the memory to itself.
    const kept = ns < engine.alone ? -1 : 0;
    // biome-ignore format: one line
    wasm.gemm(c, ldc, a, lda, transposeA ? 1 : 0, b, ldb, transposeB ? 1 : 0, m, n, k, alpha, beta, bias, activation, scratch, mr, kept);
  }
}

/**
 * Whether gemm_tiny suits this shape. Left to other kernels: a single column with m·k ≥ 8 and a single row with Bᵀ, whose sums
 * have more lanes along the terms (gemv_n), and outer products (k = 1) of 16 columns or more, whose kernels have no loop over the
 * terms.
 */
function isTiny(transposeA: boolean, transposeB: boolean, m: number, n: number, k: number): boolean {
  const steps = ((m + 1) & ~1) * ((n + 3) & ~3) * (k + 4);
  if (steps > (transposeA || transposeB ? 1.5 * TINY : TINY)) return false;
  return n === 1 ? m * k < 8 : transposeB ? m > 1 : k > 1 || n < 16;
}

/**
 * Whether rows of C are so few that packing B, each element of which they meet once, would take as long as the product: no tiles
 * then, unless B is near or narrow, or has too few rows for several streams of them (A·Bᵀ: measured, bench/NOTES.md). The kernel
 * adds the terms in another order without tiles, so this is asked of the whole product, not of a thread's part.
 */
function isFew(transposeA: boolean, transposeB: boolean, m: number, n: number, k: number): boolean {
  if (transposeB) return !transposeA && m < 6 && 2 * m * m * m <= k;
  return m <= (n * k < FAR ? FEW_ROWS : MORE_ROWS) && n > NARROW && n * k > NEAR && k >= SHALLOW;
}
