/** `baseline` rounds a·b + c twice, `relaxed` once where the engine fuses it, as all but JavaScriptCore do. */
export type Simd = 'baseline' | 'relaxed';
