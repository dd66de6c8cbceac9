/** Most rows and columns of a register tile: 6 × 8, 4 × 8, 3 × 12 and 2 × 16. */
export const MR_MAX: i32 = 6;
export const NR_MAX: i32 = 16;

/** What a register tile does beside the sums: add to what C holds instead of overwriting it; max(y, 0) after the bias. */
export const ADD_C: i32 = 1;
export const THEN_RELU: i32 = 2;

/**
 * Most terms of a sum over k that are added in one go; see {@link block_length}. The more, the less
 * often C is read and written; a panel of 8 columns of B and a tile of 6 rows of A still fit a level-1 cache of 32 KB (one of
 * 16 columns fills it, and was faster all the same; npm run bench -- gemm --shape 512x512 --sweep KC=256, and
 * --shape 128x784x512 with 1024).
 * The threads know it as BLOCK of src/threads/plan.ts.
 */
export const KC: i32 = 512;

/**
 * Rows of A that meet a panel of B, which stays in the level-1 cache, before the next panel comes; in TN and TT they are
 * packed first. 48 is a multiple of every tile's rows, and whole cache lines of A where it is aligned.
 * Level from 12 to 192 at 256³ (npm run bench -- gemm --shape 256x256 --sweep gemm/params:BAND=12,192).
 */
export const BAND: i32 = 48;

/**
 * Columns of B that are packed at a time: KC·NC floats, 2 MB, which the tiles read back from the outer caches in order. The
 * longer the pieces of B's rows that packing reads, the better the hardware prefetches them
 * (npm run bench -- gemm --shape 32x4096x1024 --sweep NC=256,512); squares are level from 256 to 1024.
 */
export const NC: i32 = 1024;

/**
 * Terms in a block of the sum over k (the last block may be shorter): as few blocks as KC allows, of equal length,
 * because a short one would still read and write all of C. Part of the definition of the result, since every block is
 * summed from zero and the blocks are then added in order; so it depends on k alone. The threads cut sums at the same places:
 * blockLength of src/threads/blocks.ts has to agree.
 */
export function block_length(k: i32): i32 {
  if (k <= KC) return k;
  const blocks = (k + KC - 1) / KC;
  return ((k + blocks - 1) / blocks + 3) & ~3;
}

/**
 * A block of B that spans at most this many bytes, gaps between rows included, is not packed: it's in the level-1 cache.
 * Level from 4096 on at 64³, Node 20 (npm run bench -- gemm --shape 64x64 --sweep IN_PLACE_BYTES=4096, and --shape 128x128 with
 * 65536).
 */
export const IN_PLACE_BYTES: usize = 16384;
