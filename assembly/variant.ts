import { relaxed4 } from './math/madd';

/** 1 in the relaxed variant, 0 in the baseline. */
export function variant(): i32 {
  return i32x4.extract_lane(relaxed4(i32x4.splat(1)), 0) & 1;
}
