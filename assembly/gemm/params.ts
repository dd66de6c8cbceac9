/** Columns of a register tile: two vectors with fused multiply-add, four where mul and add are two instructions. */
export const NR: i32 = 8;

/** Most rows that a register tile may have. */
export const MR_MAX: i32 = 6;

/**
 * Terms of the sum over k that are added in one go: part of the definition of the result, because every block is
 * summed from zero and the blocks are added in order.
 */
export const KC: i32 = 256;

/** Columns of B that are packed at a time: KC·NC floats stay in the level-2 cache. */
export const NC: i32 = 512;
