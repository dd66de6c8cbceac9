import { byBlocks } from './blocks.js';
import type { Family } from './family.js';
import { BLOCK, limits, type Plan, roundUp } from './plan.js';

/** Floating-point operations in a µs on one thread, about: 42,000 were measured without fused multiply-add, 55,000 with. */
const FLOP_RATE = 42_000;
/** Two threads share a product of at least so many least parts: at 80³ (1) they lost up to 15 %, at 96³ (1.8) they gain. */
const LEAST_PARTS = 1.5;
/** Cells are whole register tiles: of 2, 4 or 6 rows, of 8 or 16 columns (the last of a row may be others). */
const ROWS = 12;
const COLS = 16;

/**
 * (c, ldc, a, lda, transposeA, b, ldb, transposeB, m, n, k, alpha, beta, bias, activation, scratch, mr, kept): cut over rows and
 * columns of C; a product of few rows (mr 1) over blocks of k where that pays ({@link byBlocks}). `kept` comes as 0 (src/ops/gemm.ts);
 * of a call that is cut, each thread knows for itself whether its scratch still holds B ({@link Plan.kept}).
 */
export const product: Family = (base) => {
  const { call, helps, split } = base;
  // biome-ignore format: one line reads as the signature above
  return (c, ldc, a, lda, transposeA, b, ldb, transposeB, m, n, k, alpha, beta, bias, activation, scratch, mr) => {
    const flop = 2 * m * n * k;
    const cost = flop / FLOP_RATE;
    const args = [c, ldc, a, lda, transposeA, b, ldb, transposeB, m, n, k, alpha, beta, bias, activation, scratch, mr, 0];
    if (flop < LEAST_PARTS * limits.productLeast || !helps(cost)) return call(...args);
    const down = [4 * ldc, 0, transposeA ? 4 : 4 * lda];
    const across = [4, 0, 0, 0, 0, transposeB ? 4 * ldb : 4, 0, 0, 0, 0, 0, 0, 0, bias === 0 ? 0 : 4];
    if (mr === 1 && !transposeB) {
      const along = [0, 0, transposeA ? 4 * lda : 4, 0, 0, 4 * ldb];
      if (byBlocks(base, { name: 'gemm', args, m, n, k, ldc, at: AT, across: [4, 0, 0, 0, 0, 4], along, cost })) return;
    }
    const cuts = productGrid(m, n, k, !!transposeA, down, across);
    // Claims of the same columns pack the same B. (Without transposeA, two rows pack it in other panels.)
    const kept = transposeA && cuts[0].count === M ? 17 : -1;
    split(args, { cuts, scratch: 15, kept, cost });
  };
};

/** Cells in a part. */
const CELLS = 8;
/** Which arguments are the counts of rows and columns. (15 is the scratch, 17 says whether that still holds B.) */
const M = 8;
const N = 9;
const AT = { ldc: 1, n: N, k: 10, beta: 12 } as const;

/**
 * The grid of a product. Parts are about square, since each packs what it needs of A and of B: taller where A is read as it
 * lies, flatter where it is packed, which takes longer than packing B (factors measured: bench/NOTES.md). The columns of a part
 * are cut into cells, so that what a thread packs at once may be a whole part or only its last cell.
 *
 * down, across: what the arguments grow by per row and per column. Cells are numbered along the first cut, so a claim is of
 * neighbours there.
 */
function productGrid(m: number, n: number, k: number, packsA: boolean, down: number[], across: number[]): Plan['cuts'] {
  const flop = 2 * m * n * k;
  const { productParts, productLeast, productMost, productCell } = limits;
  if (packsA && k <= BLOCK) {
    // Rows first, in one block of B: a thread packs its rows of A once, and B once.
    const width = Math.min(roundUp(n / Math.ceil(n / BLOCK), COLS), n);
    const cell = Math.min(Math.max(flop / productParts / CELLS, productLeast / 4), productCell);
    const height = roundUp(cell / (2 * k * width), ROWS);
    if (m >= CELLS * height) {
      const rowCut = { count: M, total: m, size: height, strides: down };
      return [rowCut, { count: N, total: n, size: width, strides: across }];
    }
  }
  const parts = Math.max(2, Math.min(productParts, flop / productLeast), flop / productMost);
  const square = Math.sqrt((parts * m) / n);
  const bands = Math.min(Math.max(1, Math.round(packsA ? square * 1.4 : square / 2)), parts, Math.ceil(m / ROWS));
  const rows = roundUp(m / bands, ROWS);
  const columns = n / Math.max(1, Math.round(parts / Math.ceil(m / rows)));
  const least = productLeast / (4 * k);
  const width = Math.min(roundUp(Math.max(columns / CELLS, Math.min(columns, least / Math.min(rows, m))), COLS), n);
  const lanes = Math.ceil(n / width);
  const oneBand = bands === 1 && lanes >= 4;
  // Rows are cut, too, where the columns give few cells, or (in one band) cells so long that other threads would wait for them.
  let height = rows;
  if (oneBand) height = roundUp(m / Math.max(1, Math.round(flop / lanes / productCell)), ROWS);
  else if (lanes < 4) height = Math.min(rows, roundUp(Math.max((rows * lanes) / CELLS, least / width), ROWS));
  const columnCut = { count: N, total: n, size: width, strides: across };
  const rowCut = { count: M, total: m, size: Math.min(height, m), strides: down };
  // In one band, rows first: a claim is then of whole columns, for which B is packed once. Else columns first: a thread's share
  // is then a band of rows, as it is in the elementwise calls that follow a product, so its data is still in the cache.
  return oneBand ? [rowCut, columnCut] : [columnCut, rowCut];
}
