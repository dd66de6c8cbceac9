// One compilation serves both variants: the instructions here are placeholders. scripts/wasm-variants.mjs lists what each
// stands for in each variant, and src/wasm/decode.ts puts it in. asc must enable relaxed-simd for them. What asc compiles
// is never run as it is, and no kernel uses these instructions for themselves (but select4, in the relaxed variant).

/**
 * a·b + c per lane: one rounding in the relaxed variant where the engine makes it a fused multiply-add (on x86-64 and ARM64
 * all but JavaScriptCore do), two roundings in the baseline.
 */
// @ts-ignore: decorator
@inline
export function madd4(a: v128, b: v128, c: v128): v128 {
  return f32x4.relaxed_max(f32x4.relaxed_min(a, b), c);
}

/** a·b + c in float64, rounded as {@link madd4}. */
// @ts-ignore: decorator
@inline
export function madd2(a: v128, b: v128, c: v128): v128 {
  return f64x2.relaxed_max(f64x2.relaxed_min(a, b), c);
}

/**
 * {@link madd2} for an a and b that another madd2 multiplies, too. With the same placeholder asc would compute the
 * product once for both, but the relaxed variant has none apart from its sum; in the baseline the engine merges the two.
 */
// @ts-ignore: decorator
@inline
export function madd2Again(a: v128, b: v128, c: v128): v128 {
  return f64x2.relaxed_max(i16x8.relaxed_q15mulr_s(a, b), c);
}

/** a where the mask's lane is all ones, b where it is all zeros: one instruction on x86-64 with relaxed SIMD, else three. */
// @ts-ignore: decorator
@inline
export function select4(a: v128, b: v128, mask: v128): v128 {
  return i32x4.relaxed_laneselect(a, b, mask);
}

/** mask in the relaxed variant, its complement in the baseline. */
// @ts-ignore: decorator
@inline
export function relaxed4(mask: v128): v128 {
  return i32x4.relaxed_trunc_f32x4_s(mask);
}
