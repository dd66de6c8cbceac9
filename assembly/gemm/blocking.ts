import { merge, RELU, SIGMOID } from './epilogue';
import { gemv_n } from './gemv';
import { outer, OUTER_COLUMNS } from './outer';
import { pack_across, pack_along, pack_panels, pack_rows } from './pack';
import { ADD_C, BAND, block_length, IN_PLACE_BYTES, KC, MR_MAX, NC, NR_MAX, THEN_RELU } from './params';
import { SUMS, sum_rows, sums_bytes } from './rows';
import { ukernel } from './ukernel';

// The loops around the register tile, from the outside in: NC columns of C; a block of k, for which B is packed; a band of
// rows; the panels of nr columns of B; the tiles of the band. (Goto and van de Geijn, Anatomy of High-Performance Matrix
// Multiplication, 2008, with the roles of A and B exchanged.) Few rows take no tiles, and B is not packed for them: rows.ts.

/**
 * Floats of B in a block where NT has few rows of A, which all read a block before the next one
 * (npm run bench -- gemm --shape 4x2048x2048 --sweep FEW_NT=16384,16777216).
 */
const FEW_NT: i32 = 65536;

/**
 * Fewer terms than this are too few to make up for a copy of B, of any size
 * (npm run bench -- gemm --shape 3x3x100000 --sweep gemm/blocking:SHALLOW=1), …
 */
const SHALLOW: i32 = 8;
/**
 * … unless A has so many rows: B is then better packed where its rows are a power of two apart (bench/NOTES.md)
 * (npm run bench -- gemm --shape 3x3x100000 --sweep gemm/blocking:PACKED_FROM=1).
 */
const PACKED_FROM: i32 = 13;

// Scratch of one call: a tile of partial sums; a band of A (the last one has up to BAND + 9 rows); a block of B.
const TILE_BYTES: usize = MR_MAX * NR_MAX * 4;
const BLOCK_A_BYTES: usize = <usize>(BAND + 10) * row_bytes(KC);
const BLOCK_B_BYTES: usize = (KC + 2) * (NC + 3) * 4;

/** Bytes of scratch that a call of gemm, gemv_n or gemv_t may use, whatever its sizes. */
export function gemm_scratch_bytes(): i32 {
  return <i32>(TILE_BYTES + BLOCK_A_BYTES + BLOCK_B_BYTES);
}

/**
 * C ← act(alpha·op(A)·op(B) + beta·C + bias), op(A) [m, k], op(B) [k, n].
 *
 * A: f32[m, k], or with transposeA f32[k, m], lda floats a row; B: f32[k, n], or with transposeB f32[n, k], ldb floats a
 * row; C: f32[m, n], ldc floats a row, overlapping neither; lda, ldb and ldc are no less than a row of what is stored;
 * bias: f32[n], or 0 for none; activation: 0 none, 1 relu, 2 sigmoid; scratch: gemm_scratch_bytes() bytes.
 * With beta = 0, C need not be initialized. No product is skipped: 0·Inf is NaN. With k = 0, beta, bias and activation still
 * apply. Of every operand, up to 64 bytes behind its last element may be read.
 *
 * mr, the way of computing:
 * - 2, 4 or 6: register tiles of so many rows, 2 by 16 columns, 4 and 6 by 8 (with 6, the last 9 … 12 columns take tiles of 3
 *   rows). The choice changes the speed, never a bit. 2 needs the fewest instructions, the limit where mul and add are
 *   separate; fused, 6 is faster in V8 13.6 and 14.6, half as fast in 12.4, which keeps too many operands live for the registers.
 * - 1: no tiles, for few rows, under 100 (not of Aᵀ·Bᵀ). The terms are added in another order ({@link sum_rows}; A·Bᵀ:
 *   {@link gemv_n}), so the bits are others.
 *
 * kept, what the call may rely on:
 * - -1: nobody else uses the memory during the call. The 16 bytes behind C may then change, and are restored before it returns.
 * - 1, with transposeA only: the last call with this scratch had the same arguments except c, a and m. If all of B is one
 *   block, it is not packed again. (Without transposeA, two rows pack it in other panels.)
 * - 0: neither.
 */
export function gemm(
  c: usize, ldc: i32, a: usize, lda: i32, transposeA: bool, b: usize, ldb: i32, transposeB: bool,
  m: i32, n: i32, k: i32, alpha: f32, beta: f32, bias: usize, activation: i32, scratch: usize, mr: i32, kept: i32,
): void {
  const cStride = <usize>ldc << 2;
  const aStride = <usize>lda << 2;
  const bStride = <usize>ldb << 2;
  if (k == 1 && !transposeB && beta == 0 && n >= OUTER_COLUMNS) {
    outer(c, cStride, a, transposeA ? 4 : aStride, b, m, n);
    if (alpha != 1 || bias || activation) merge(c, cStride, c, cStride, m, n, alpha, 0, bias, activation);
    return;
  }
  if (mr == 1 && transposeB) {
    // Few rows, one after the other, over a block of B that stays in the level-2 cache from one row to the next.
    const columns = max(NR_MAX, FEW_NT / (k + 1));
    for (; n > 0; n -= columns, c += <usize>columns << 2, b += <usize>columns * bStride) {
      const nc = min(n, columns);
      for (let i: usize = 0; i < <usize>m; i++) {
        gemv_n(c + i * cStride, b, ldb, a + i * aStride, nc, k, alpha, beta, bias, activation, scratch, 1);
      }
      if (bias) bias += <usize>columns << 2;
    }
    return;
  }
  const few = mr == 1;
  const length = block_length(k);
  // A B in the cache is read where it lies, in whole vectors: what is behind its last column stays in lanes that nobody stores.
  // So is a shallow one. (Not with transposeA, where a later part may have other rows and count on what an earlier one packed.)
  const inPlace =
    !transposeB && (<usize>length * bStride <= IN_PLACE_BYTES || (!transposeA && k < SHALLOW && m < PACKED_FROM));
  // Two rows keep the arithmetic busy only in a tile of 16 columns. (With transposeA, B may be kept in panels of 8.)
  if (m == 2 && !transposeA) mr = 2;
  // 12: panels of 8, but a last one of up to 12 columns, where its tile of 3 rows pays.
  const nr = mr == 2 ? NR_MAX : mr == MR_MAX ? 12 : 8;

  const blockA = scratch + TILE_BYTES;
  const blockB = blockA + BLOCK_A_BYTES;
  // C is not read, and every element is one sum (one block of k): a last panel that ends within a vector may then begin
  // earlier and compute some columns a second time, to the same bits.
  const recompute = k <= length && beta == 0 && in_tile(alpha, beta, activation);
  const columns = few ? (SUMS / m) & ~15 : NC;
  // The 16 bytes behind C, put back at the end, where even the last row of fewer than 8 columns may be stored in whole
  // vectors. (With another ldc, which a single row may have, `end` could be anywhere, C included.)
  const end = c + (<usize>(m * n) << 2);
  const alone = kept < 0 && n < 8 && cStride == <usize>n << 2;
  const behind = alone ? v128.load(end) : f32x4.splat(0);
  for (let jc = 0; jc < n; jc += columns) {
    const nc = min(columns, n - jc);
    // A single panel whose rows end within a vector.
    const narrow = (nc & 3) != 0 && nc < last_columns(nr);
    let pc = 0;
    do {
      const kc = min(length, k - pc);
      const last = pc + kc == k;
      // The running sum lives in C: the first block brings beta in, the last one bias and activation.
      const blockBeta = pc == 0 ? beta : 1;
      const blockBias = last && bias ? bias + (<usize>jc << 2) : 0;
      const blockActivation = last ? activation : 0;
      const bi = transposeB ? b + <usize>jc * bStride + (<usize>pc << 2) : b + <usize>pc * bStride + (<usize>jc << 2);
      const ci = c + (<usize>jc << 2);
      const ap = a + (transposeA ? <usize>pc * aStride : <usize>pc << 2);
      pc += length;
      const aRow = transposeA ? row_bytes(kc) : aStride;
      if (few) {
        // The sums take the place of the tile and of blockA.
        if (transposeA) pack_rows(blockB, aRow, ap, aStride, m, kc);
        sum_rows(scratch, bi, bStride, transposeA ? blockB : ap, aRow, m, nc, kc);
        merge(ci, cStride, scratch, sums_bytes(nc), m, nc, alpha, blockBeta, blockBias, blockActivation);
        continue;
      }
      if (!inPlace && (kept < 1 || nc < n || kc < k)) pack_block(blockB, bi, bStride, transposeB, nc, kc, nr, recompute);

      // Rows of op(A) that lie across k are packed along it, a band at a time.
      let ai = transposeA ? blockA : ap;
      // A band is one tile of 4 or 6 rows where A is read where it lies, unless the block of B is in the level-1 cache: the
      // rows of A then stay in level 1, and B streams in order from the outer caches. (With mr = 2 such a band, 4 rows by
      // panels of 16 columns, would load four times as much of B as of A.)
      const tileBands = mr > 2 && !transposeA && kc * nc > <i32>IN_PLACE_BYTES >> 2;
      for (let ir = 0, rows = 0; ir < m; ir += rows) {
        const band = m - ir < BAND + 10 ? m - ir : BAND;
        // The last rows of a narrow C, with no rows below to spill into, are a band of their own: 4, or with tiles of 3
        // rows 4 … 6, so that whole tiles of 3 come before.
        rows = tileBands ? tile_rows(m - ir, mr) : band;
        if (narrow && !alone && !tileBands && band == m - ir && band > 6) rows -= nc > 8 ? 4 + (band - 4) % 3 : 4;
        if (transposeA) pack_rows(ai, aRow, ap + (<usize>ir << 2), aStride, rows, kc);
        // No gaps between rows of C: what a row stores past its end is overwritten by later rows, or put back behind C.
        const spill =
          recompute && narrow && cStride == <usize>nc << 2 &&
          ((alone && ir + rows == m) || (m - ir - rows) * nc >= (-nc & 3));
        sweep(
          ci + <usize>ir * cStride, cStride, ai, aRow, bi, bStride, inPlace, blockB,
          rows, nc, kc, mr, nr, alpha, blockBeta, blockBias, blockActivation, scratch, recompute, spill,
        );
        if (!transposeA) ai += <usize>rows * aStride;
      }
    } while (pc < k);
  }
  if (alone) v128.store(end, behind);
}

/** Whether the register tile does all that follows the sums. */
// @ts-ignore: decorator
@inline
function in_tile(alpha: f32, beta: f32, activation: i32): bool {
  return alpha == 1 && (beta == 0 || beta == 1) && activation != SIGMOID;
}

/**
 * Packs a block [kc, nc] of op(B) into the panels that {@link sweep} reads, with the same nr and recompute. The panel whose
 * first column is j begins at dst + j·column_bytes(kc); its rows are whole vectors, and lanes behind its last column, never
 * written, do not stay in C. Whole panels of a B that lies across k go first, all of them together.
 */
function pack_block(
  dst: usize, b: usize, ldb: usize, transposed: bool, nc: i32, kc: i32, nr: i32, recompute: bool,
): void {
  const column = column_bytes(kc);
  const whole = nr == NR_MAX ? NR_MAX : 8;
  let from = 0;
  if (!transposed && nc >= whole) {
    from = nc & -whole;
    if (nr == 12 && ((nc - 1) & 7) < 4) from -= 8; // for the last panel
    pack_panels(dst, <usize>whole * column, b, ldb, from / whole, kc, whole);
  }
  for (let j = from, width = 0; j < nc; j += width) {
    width = panel_columns(nc - j, nr);
    const back = columns_back(j, width, recompute);
    const count = width + back;
    const step = <usize>((count + 3) & ~3) << 2;
    if (transposed) pack_along(dst + <usize>j * column, step, b + <usize>(j - back) * ldb, ldb, count, kc);
    else pack_across(dst + <usize>j * column, step, b + (<usize>(j - back) << 2), ldb, count, kc);
  }
}

/**
 * The macro-kernel: a band of A against all panels of B, one panel after the other.
 * ldc, aRow, ldb: bytes; inPlace: B is read from b, where it lies, else from the panels in blockB ({@link pack_block}); partials:
 * room for a tile that goes through {@link merge}; recompute: the last panel may begin earlier, over columns that are done;
 * spill: rows may be stored in whole vectors, past their end.
 *
 * A tile stores to C itself (`direct`) where it does all that follows the sums and stores no lane that it must not; else to
 * partials, and merge brings the valid columns to C.
 */
function sweep(
  c: usize, ldc: usize, a: usize, aRow: usize, b: usize, ldb: usize, inPlace: bool, blockB: usize,
  rows: i32, nc: i32, kc: i32, mr: i32, nr: i32, alpha: f32, beta: f32, bias: usize, activation: i32, partials: usize,
  recompute: bool, spill: bool,
): void {
  const column = column_bytes(kc);
  const whole = in_tile(alpha, beta, activation);
  const flags = (beta == 1 ? ADD_C : 0) | (activation == RELU ? THEN_RELU : 0);
  // 5 … 7 or 9 … 11 columns, nothing to be stored past them: a panel of 4 or 8, and the last 4 columns, which overlap it.
  const halves = recompute && !spill && inPlace && nc > 4 && nc < 12;
  for (let j = 0, width = 0; j < nc; j += width) {
    width = panel_columns(nc - j, nr);
    if (halves) width = min(width, nc < 8 ? 4 : 8);
    const back = columns_back(j, width, recompute);
    const vectors = (width + 3) >> 2;
    const step = <usize>vectors << 4;
    const at = <usize>(j - back) << 2;
    const bStep = inPlace ? ldb : step;
    const bj = inPlace ? b + at : blockB + <usize>j * column;
    const panelBias = bias ? bias + at : 0;
    const direct = spill || (whole && ((width + back) & 3) == 0);
    let ai = a, ci = c + at, left = rows;
    // One vector a row leaves registers for six rows in every engine.
    const high = vectors == 1 ? MR_MAX : mr;
    let tile = direct && vectors > 2 ? rows : tile_rows(rows, high);
    while (true) {
      if (direct) ukernel(tile, vectors, kc, ai, aRow, bj, bStep, ci, ldc, panelBias, flags);
      else {
        ukernel(tile, vectors, kc, ai, aRow, bj, bStep, partials, step, 0, 0);
        merge(ci, ldc, partials, step, tile, width, alpha, beta, panelBias, activation);
      }
      left -= tile;
      if (left == 0) break;
      ai += <usize>tile * aRow;
      ci += <usize>tile * ldc;
      tile = tile_rows(left, high);
    }
  }
}

/** Bytes of a packed row of A: an odd number of vectors, or the rows would begin in few sets of the cache. */
// @ts-ignore: decorator
@inline
function row_bytes(kc: i32): usize {
  return <usize>(((kc + 3) >> 2) | 1) << 4;
}

/** Bytes of blockB a column: two rows more than kc, or panels would begin in the same set of the cache. */
// @ts-ignore: decorator
@inline
function column_bytes(kc: i32): usize {
  return <usize>(kc + 2) << 2;
}

/** Rows of the next tile when `left` are left: mr (4 for mr = 2, two tiles); for mr = 6, the last 7 … 9 are 4 and the rest. */
// @ts-ignore: decorator
@inline
function tile_rows(left: i32, mr: i32): i32 {
  const most = max(mr, 4);
  return left > most && left < 10 ? 4 : min(left, most);
}

/** Columns of the next panel of B when `left` are left: 16 if nr is, then 8, then the rest (up to 12 for nr = 12). */
// @ts-ignore: decorator
@inline
function panel_columns(left: i32, nr: i32): i32 {
  if (nr == NR_MAX && left >= NR_MAX) return NR_MAX;
  return left <= last_columns(nr) ? left : 8;
}

/** Most columns of the last panel. */
// @ts-ignore: decorator
@inline
function last_columns(nr: i32): i32 {
  return nr == 12 ? 12 : 8;
}

/** Columns by which a panel that ends within a vector begins earlier, where columns may be computed twice. */
// @ts-ignore: decorator
@inline
function columns_back(j: i32, width: i32, recompute: bool): i32 {
  return recompute && j > 0 ? -width & 3 : 0;
}
