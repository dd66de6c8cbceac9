/** 1 where multiply-add is fused (relaxed SIMD), 0 in the baseline build. */
export function variant(): i32 {
  return ASC_FEATURE_RELAXED_SIMD ? 1 : 0;
}
