// Numbers that the kernels and their callers agree on.

/** What follows a product, in the store of its last block (assembly/gemm/epilogue.ts). */
export const ACTIVATION = { none: 0, relu: 1, sigmoid: 2 } as const;
export type ActivationName = keyof typeof ACTIVATION;

/** Rows whose losses are one float64 (GROUP of assembly/loss/softmax_cross_entropy.ts). */
export const LOSS_ROWS = 8;
