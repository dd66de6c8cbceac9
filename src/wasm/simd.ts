/** `baseline` rounds a·b + c twice, `relaxed` once (fused multiply-add). */
export type Simd = 'baseline' | 'relaxed';
