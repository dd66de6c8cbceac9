/** `count` (1 … 3) floats at p in the first lanes, zeros in the others; nothing behind them is read. */
// @ts-ignore: decorator
@inline
export function load_lanes(p: usize, count: i32): v128 {
  if (count == 1) return v128.load32_zero(p);
  const low = v128.load64_zero(p);
  return count == 2 ? low : v128.load_lane<f32>(p, low, 2, 8);
}

/** The first `count` (1 … 3) lanes of y; nothing behind them is written. */
// @ts-ignore: decorator
@inline
export function store_lanes(p: usize, y: v128, count: i32): void {
  if (count == 1) {
    v128.store_lane<f32>(p, y, 0);
  } else {
    v128.store_lane<i64>(p, y, 0);
    if (count == 3) v128.store_lane<f32>(p, y, 2, 8);
  }
}

/** The first `count` lanes of y, all four where there are more. */
// @ts-ignore: decorator
@inline
export function store_front(p: usize, y: v128, count: i32): void {
  store_few(p, y, count);
}

/** Called, so that one copy serves all kernels. Not exported itself: asc warns of vectors among the parameters of what is. */
function store_few(p: usize, y: v128, count: i32): void {
  if (count < 4) store_lanes(p, y, count);
  else v128.store(p, y);
}

/** Lanes 0 and 1 as float64. */
// @ts-ignore: decorator
@inline
export function low2(v: v128): v128 {
  return f64x2.promote_low_f32x4(v);
}

/** Lanes 2 and 3 as float64. */
// @ts-ignore: decorator
@inline
export function high2(v: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<f32>(v, v, 2, 3, 0, 1));
}

/** The four lanes, added in float64: two partial sums. */
// @ts-ignore: decorator
@inline
export function widen2(v: v128): v128 {
  return f64x2.add(low2(v), high2(v));
}

// @ts-ignore: decorator
@inline
export function sumLanes2(v: v128): f64 {
  return f64x2.extract_lane(v, 0) + f64x2.extract_lane(v, 1);
}
