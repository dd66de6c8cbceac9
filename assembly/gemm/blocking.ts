import { merge, RELU, SIGMOID } from './epilogue';
import { pack_across, pack_along, pack_panels } from './pack';
import { block_length, IN_PLACE_BYTES, KC, MR_MAX, NC, NR } from './params';
import * as tile from './ukernel';

// Scratch of one call: a tile of partial sums, a panel of A, a block of B.
const TILE_BYTES: usize = MR_MAX * 16 * 4;
const PANEL_A_BYTES: usize = MR_MAX * KC * 4;
const BLOCK_B_BYTES: usize = (KC + 2) * (NC + 3) * 4;

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
  alpha: f32, beta: f32, bias: usize, activation: i32, scratch: usize, mr: i32,
): void {
  gemm(c, ldc, a, lda, false, b, ldb, false, m, n, k, alpha, beta, bias, activation, scratch, mr);
}

/** C ← act(alpha·A·Bᵀ + beta·C + bias). B: f32[n, k], ldb ≥ k; the rest as {@link gemm_nn}. */
export function gemm_nt(
  c: usize, ldc: i32, a: usize, lda: i32, b: usize, ldb: i32, m: i32, n: i32, k: i32,
  alpha: f32, beta: f32, bias: usize, activation: i32, scratch: usize, mr: i32,
): void {
  gemm(c, ldc, a, lda, false, b, ldb, true, m, n, k, alpha, beta, bias, activation, scratch, mr);
}

/** C ← act(alpha·Aᵀ·B + beta·C + bias). A: f32[k, m], lda ≥ m; the rest as {@link gemm_nn}. */
export function gemm_tn(
  c: usize, ldc: i32, a: usize, lda: i32, b: usize, ldb: i32, m: i32, n: i32, k: i32,
  alpha: f32, beta: f32, bias: usize, activation: i32, scratch: usize, mr: i32,
): void {
  gemm(c, ldc, a, lda, true, b, ldb, false, m, n, k, alpha, beta, bias, activation, scratch, mr);
}

/** C ← act(alpha·Aᵀ·Bᵀ + beta·C + bias). A: f32[k, m], B: f32[n, k]; the rest as {@link gemm_nn}. */
export function gemm_tt(
  c: usize, ldc: i32, a: usize, lda: i32, b: usize, ldb: i32, m: i32, n: i32, k: i32,
  alpha: f32, beta: f32, bias: usize, activation: i32, scratch: usize, mr: i32,
): void {
  gemm(c, ldc, a, lda, true, b, ldb, true, m, n, k, alpha, beta, bias, activation, scratch, mr);
}

function gemm(
  c: usize, ldc_: i32, a: usize, lda_: i32, transposeA: bool, b: usize, ldb_: i32, transposeB: bool,
  m: i32, n: i32, k: i32, alpha: f32, beta: f32, bias: usize, activation: i32, scratch: usize, mr: i32,
): void {
  const ldc = <usize>ldc_ << 2;
  const lda = <usize>lda_ << 2;
  const ldb = <usize>ldb_ << 2;
  const partials = scratch;
  const panelA = scratch + TILE_BYTES;
  const blockB = panelA + PANEL_A_BYTES;
  const length = block_length(k);
  if (!ASC_FEATURE_RELAXED_SIMD) mr = 4;

  for (let jc = 0; jc < n; jc += NC) {
    const nc = min(NC, n - jc);
    let pc = 0;
    do {
      const kc = min(length, k - pc);
      const column = <usize>(kc + 2) << 2;
      // The running sum lives in C: the first block brings beta in, the last one bias and activation.
      const beta_ = pc == 0 ? beta : 1;
      const last = pc + kc == k;
      const bias_ = last && bias ? bias + (<usize>jc << 2) : 0;
      const activation_ = last ? activation : 0;
      const inTile = alpha == 1 && (beta_ == 0 || beta_ == 1) && activation_ != SIGMOID;
      const flags = (beta_ == 1 ? tile.ADD_C : 0) | (activation_ == RELU ? tile.RELU : 0);

      const b_ = b + (transposeB ? <usize>jc * ldb + (<usize>pc << 2) : <usize>pc * ldb + (<usize>jc << 2));
      // B is read where it lies if that is in the level-1 cache or happens only once.
      const inPlace = !transposeB && <usize>kc * ldb <= IN_PLACE_BYTES ? nc & ~3 : 0;
      let packed = inPlace;
      if (!transposeB && inPlace == 0) {
        packed = nc & -NR;
        pack_panels(blockB, <usize>NR * column, b_, ldb, nc / NR, kc);
      }
      for (let jr = packed, width = 0; jr < nc; jr += width) {
        width = panel_width(nc - jr);
        const dst = blockB + <usize>jr * column;
        const step = <usize>((width + 3) & ~3) << 2;
        if (transposeB) pack_along(dst, step, b_ + <usize>jr * ldb, ldb, width, kc);
        else pack_across(dst, step, b_ + (<usize>jr << 2), ldb, width, kc);
      }

      for (let ir = 0, rows = 0; ir < m; ir += rows) {
        rows = panel_rows(m - ir, mr);
        const aStep = <usize>rows << 2;
        if (transposeA) pack_across(panelA, aStep, a + <usize>pc * lda + (<usize>ir << 2), lda, rows, kc);
        else pack_along(panelA, aStep, a + <usize>ir * lda + (<usize>pc << 2), lda, rows, kc);

        let cc = c + <usize>ir * ldc + (<usize>jc << 2);
        for (let jr = 0, width = 0; jr < nc; jr += width) {
          width = panel_width((jr < inPlace ? inPlace : nc) - jr);
          const vectors = (width + 3) >> 2;
          const bStep = jr < inPlace ? ldb : <usize>vectors << 4;
          const panelB = jr < inPlace ? b_ + (<usize>jr << 2) : blockB + <usize>jr * column;
          const biasj = bias_ ? bias_ + (<usize>jr << 2) : 0;
          if (inTile && (width & 3) == 0) {
            tile.ukernel(rows, vectors, kc, panelA, aStep, panelB, bStep, cc, ldc, biasj, flags);
          } else {
            const ldp = <usize>vectors << 4;
            tile.ukernel(rows, vectors, kc, panelA, aStep, panelB, bStep, partials, ldp, 0, 0);
            merge(cc, ldc, partials, ldp, rows, width, alpha, beta_, biasj, activation_);
          }
          cc += <usize>width << 2;
        }
      }
      pc += length;
    } while (pc < k);
  }
}

/** Rows of the next panel of A when so many are left; for tiles of 6, 7 … 9 rows as 4 and the rest, not 6 and the rest. */
// @ts-ignore: decorator
@inline
function panel_rows(left: i32, mr: i32): i32 {
  return left > mr && left < 10 ? 4 : min(left, mr);
}

/** Columns of the next panel of B when so many are left: NR, then 8, then the rest. */
// @ts-ignore: decorator
@inline
function panel_width(left: i32): i32 {
  return left >= NR ? NR : min(left, 8);
}
