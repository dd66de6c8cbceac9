import { merge, RELU, SIGMOID } from './epilogue';
import { pack_across, pack_along } from './pack';
import { KC, MR_MAX, NC, NR } from './params';
import * as tile from './ukernel';

// Scratch of one call: a tile of partial sums, a panel of A, a block of B.
const TILE_BYTES: usize = MR_MAX * 8 * 4;
const PANEL_A_BYTES: usize = MR_MAX * KC * 4;
const BLOCK_B_BYTES: usize = KC * NC * 4;

/** Bytes of scratch that one call of gemm_* uses, whatever its sizes. */
export function gemm_scratch_bytes(): i32 {
  return <i32>(TILE_BYTES + PANEL_A_BYTES + BLOCK_B_BYTES);
}

/**
 * C ← act(alpha·A·B + beta·C + bias).
 * A: f32[m, k], lda ≥ k floats a row; B: f32[k, n], ldb ≥ n; C: f32[m, n], ldc ≥ n, overlapping neither;
 * bias: f32[n], or 0 for none; activation: 0 none, 1 relu, 2 sigmoid; scratch: gemm_scratch_bytes() bytes.
 * With beta = 0, C is not read. Every product counts: 0·Inf is NaN. With k = 0, beta, bias and activation apply.
 */
export function gemm_nn(
  c: usize, ldc: i32, a: usize, lda: i32, b: usize, ldb: i32, m: i32, n: i32, k: i32,
  alpha: f32, beta: f32, bias: usize, activation: i32, scratch: usize,
): void {
  gemm(c, ldc, a, lda, false, b, ldb, false, m, n, k, alpha, beta, bias, activation, scratch);
}

/** C ← act(alpha·A·Bᵀ + beta·C + bias). B: f32[n, k], ldb ≥ k; the rest as {@link gemm_nn}. */
export function gemm_nt(
  c: usize, ldc: i32, a: usize, lda: i32, b: usize, ldb: i32, m: i32, n: i32, k: i32,
  alpha: f32, beta: f32, bias: usize, activation: i32, scratch: usize,
): void {
  gemm(c, ldc, a, lda, false, b, ldb, true, m, n, k, alpha, beta, bias, activation, scratch);
}

/** C ← act(alpha·Aᵀ·B + beta·C + bias). A: f32[k, m], lda ≥ m; the rest as {@link gemm_nn}. */
export function gemm_tn(
  c: usize, ldc: i32, a: usize, lda: i32, b: usize, ldb: i32, m: i32, n: i32, k: i32,
  alpha: f32, beta: f32, bias: usize, activation: i32, scratch: usize,
): void {
  gemm(c, ldc, a, lda, true, b, ldb, false, m, n, k, alpha, beta, bias, activation, scratch);
}

/** C ← act(alpha·Aᵀ·Bᵀ + beta·C + bias). A: f32[k, m], B: f32[n, k]; the rest as {@link gemm_nn}. */
export function gemm_tt(
  c: usize, ldc: i32, a: usize, lda: i32, b: usize, ldb: i32, m: i32, n: i32, k: i32,
  alpha: f32, beta: f32, bias: usize, activation: i32, scratch: usize,
): void {
  gemm(c, ldc, a, lda, true, b, ldb, true, m, n, k, alpha, beta, bias, activation, scratch);
}

function gemm(
  c: usize, ldc_: i32, a: usize, lda_: i32, transposeA: bool, b: usize, ldb_: i32, transposeB: bool,
  m: i32, n: i32, k: i32, alpha: f32, beta: f32, bias: usize, activation: i32, scratch: usize,
): void {
  const ldc = <usize>ldc_ << 2;
  const lda = <usize>lda_ << 2;
  const ldb = <usize>ldb_ << 2;
  const partials = scratch;
  const panelA = scratch + TILE_BYTES;
  const blockB = panelA + PANEL_A_BYTES;
  const mr = MR_MAX;

  for (let jc = 0; jc < n; jc += NC) {
    const nc = min(NC, n - jc);
    let pc = 0;
    do {
      const kc = min(KC, k - pc);
      // The running sum lives in C: the first block brings beta in, the last one bias and activation.
      const beta_ = pc == 0 ? beta : 1;
      const last = pc + kc == k;
      const bias_ = last && bias ? bias + (<usize>jc << 2) : 0;
      const activation_ = last ? activation : 0;
      const inTile = alpha == 1 && (beta_ == 0 || beta_ == 1) && activation_ != SIGMOID;
      const flags = (beta_ == 1 ? tile.ADD_C : 0) | (activation_ == RELU ? tile.RELU : 0);

      // Block of B: panels of NR columns, the last one of 4·vectors.
      for (let jr = 0; jr < nc; jr += NR) {
        const width = min(NR, nc - jr);
        const step = <usize>((width + 3) & ~3) << 2;
        const dst = blockB + <usize>jr * <usize>kc * 4;
        if (transposeB) pack_along(dst, step, b + <usize>(jc + jr) * ldb + (<usize>pc << 2), ldb, width, kc);
        else pack_across(dst, step, b + <usize>pc * ldb + (<usize>(jc + jr) << 2), ldb, width, kc);
      }

      let rows = 0;
      for (let ir = 0; ir < m; ir += rows) {
        rows = min(mr, m - ir);
        const aStep = <usize>rows << 2;
        if (transposeA) pack_across(panelA, aStep, a + <usize>pc * lda + (<usize>ir << 2), lda, rows, kc);
        else pack_along(panelA, aStep, a + <usize>ir * lda + (<usize>pc << 2), lda, rows, kc);

        for (let jr = 0; jr < nc; jr += NR) {
          const width = min(NR, nc - jr);
          const vectors = (width + 3) >> 2;
          const bStep = <usize>vectors << 4;
          const panelB = blockB + <usize>jr * <usize>kc * 4;
          const cc = c + <usize>ir * ldc + (<usize>(jc + jr) << 2);
          const biasj = bias_ ? bias_ + (<usize>jr << 2) : 0;
          if (inTile && (width & 3) == 0) {
            tile.ukernel(rows, vectors, kc, panelA, aStep, panelB, bStep, cc, ldc, biasj, flags);
          } else {
            tile.ukernel(rows, vectors, kc, panelA, aStep, panelB, bStep, partials, bStep, 0, 0);
            merge(cc, ldc, partials, bStep, rows, width, alpha, beta_, biasj, activation_);
          }
        }
      }
      pc += KC;
    } while (pc < k);
  }
}
