/**
 * A row of any length in whole vectors: vectors from the front, as long as more than four elements remain, then
 * one last vector that ends with the row. The last one may overlap the one before; only its last 1 to 4 lanes are
 * new, {@link newLanes} masks them. Rows of fewer than four elements are the last lanes of one vector.
 */

/** Bytes of a row (cols ≥ 1) that are read in vectors from the front; the last vector holds the rest, 1 to 4 elements. */
// @ts-ignore: decorator
@inline
export function frontBytes(cols: i32): usize {
  return <usize>((cols - 1) & ~3) << 2;
}

/** All ones in the lanes of the last vector that no vector before holds. */
// @ts-ignore: decorator
@inline
export function newLanes(cols: i32): v128 {
  return i32x4.ge_s(i32x4(0, 1, 2, 3), i32x4.splat(3 - ((cols - 1) & 3)));
}

/**
 * The last vector of a row that ends at `end`; lanes before the row repeat its last element, which is neutral in a
 * maximum. (With -Inf there, their exponentials are denormal, and a row of two took twice as long as one of four.)
 * Up to 12 bytes before such a row are read and dropped: they exist, since the heap does not begin at address 0.
 */
// @ts-ignore: decorator
@inline
export function loadLast4(end: usize, cols: i32, mask: v128): v128 {
  const v = v128.load(end - 16);
  return cols < 4 ? v128.bitselect(v, v128.load_splat<f32>(end - 4), mask) : v;
}

// @ts-ignore: decorator
@inline
export function storeLast4(end: usize, cols: i32, v: v128): void {
  if (cols >= 4) {
    v128.store(end - 16, v);
  } else {
    v128.store_lane<f32>(end - 4, v, 3);
    if (cols >= 2) v128.store_lane<f32>(end - 8, v, 2);
    if (cols >= 3) v128.store_lane<f32>(end - 12, v, 1);
  }
}

/**
 * The maximum of a row, without its NaN elements (they come back when it is subtracted from the row), where max_row of
 * reduce/max_row.ts is NaN if any element is. For the first row of a call; that of each later row is found while the row before
 * is written ({@link scaleFront4}).
 */
export function rowMaxNumber(x: usize, cols: i32): f32 {
  // pmax(a, b) is a < b ? b : a, one instruction, and keeps a where b is NaN; f32x4.max takes several.
  let m = f32x4.splat(-Infinity);
  const end = x + (<usize>cols << 2);
  for (; x + 16 <= end; x += 16) m = f32x4.pmax(m, v128.load(x));
  for (; x < end; x += 4) m = f32x4.pmax(m, v128.load_splat<f32>(x));
  return f32x4.extract_lane(maxLane4(m), 0);
}

/** The largest lane in every lane. */
// @ts-ignore: decorator
@inline
export function maxLane4(m: v128): v128 {
  m = f32x4.pmax(m, v128.shuffle<f32>(m, m, 2, 3, 0, 1));
  return f32x4.pmax(m, v128.shuffle<f32>(m, m, 1, 0, 3, 2));
}

/**
 * y ← y · factor over the front vectors of a row, up to `end`; returns the maximum of the row at `next` in every lane, as
 * {@link rowMaxNumber}. last: the last vector of that row.
 */
// @ts-ignore: decorator
@inline
export function scaleFront4(y: usize, end: usize, factor: v128, next: usize, last: v128): v128 {
  let m = f32x4.pmax(f32x4.splat(-Infinity), last);
  for (; y + 32 <= end; y += 32, next += 32) {
    v128.store(y, f32x4.mul(v128.load(y), factor));
    v128.store(y, f32x4.mul(v128.load(y, 16), factor), 16);
    m = f32x4.pmax(f32x4.pmax(m, v128.load(next)), v128.load(next, 16));
  }
  if (y < end) {
    v128.store(y, f32x4.mul(v128.load(y), factor));
    m = f32x4.pmax(m, v128.load(next));
  }
  return maxLane4(m);
}
