/**
 * Rows of a band: their lines stay in L1 while the band is read across
 * (npm run bench -- transpose2d --sweep shape/transpose2d:BAND=4,8,32,64).
 */
const BAND: i32 = 16;

/**
 * y[c, r] = x[r, c], with x[r, c] at x + r·xRowStride + c and y[c, r] at y + c·yRowStride + r.
 * x: f32[rows, cols], y: f32[cols, rows]; strides in elements; y must not overlap x. Every bit stays.
 *
 * Bands of 16 rows, each in 4×4 tiles in registers: a cache line of y is filled in one go.
 */
export function transpose2d(
  y: usize, x: usize, rows: i32, cols: i32, xRowStride: i32, yRowStride: i32,
): void {
  const xRow = <usize>xRowStride << 2;
  const yRow = <usize>yRowStride << 2;
  for (; rows > 0; rows -= BAND, x += xRow * BAND, y += BAND << 2) {
    const band = min(rows, BAND);
    let from = x;
    let to = y;
    let c = cols;
    for (; c >= 4; c -= 4, from += 16, to += yRow << 2) {
      let p = from;
      let q = to;
      let r = band;
      for (; r >= 4; r -= 4, p += xRow << 2, q += 16) tile4x4(q, p, xRow, yRow);
      for (; r > 0; r--, p += xRow, q += 4) {
        const v = v128.load(p);
        v128.store_lane<f32>(q, v, 0);
        v128.store_lane<f32>(q + yRow, v, 1);
        v128.store_lane<f32>(q + (yRow << 1), v, 2);
        v128.store_lane<f32>(q + (yRow << 1) + yRow, v, 3);
      }
    }
    for (; c > 0; c--, from += 4, to += yRow) {
      let p = from;
      let q = to;
      for (let r = band; r > 0; r--, p += xRow, q += 4) store<u32>(q, load<u32>(p));
    }
  }
}

// @ts-ignore: decorator
@inline
function tile4x4(y: usize, x: usize, xRow: usize, yRow: usize): void {
  const a = v128.load(x);
  const b = v128.load(x + xRow);
  const c = v128.load(x + (xRow << 1));
  const d = v128.load(x + (xRow << 1) + xRow);
  const ab0 = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
  const cd0 = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
  const ab1 = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
  const cd1 = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
  v128.store(y, v128.shuffle<i64>(ab0, cd0, 0, 2));
  v128.store(y + yRow, v128.shuffle<i64>(ab0, cd0, 1, 3));
  v128.store(y + (yRow << 1), v128.shuffle<i64>(ab1, cd1, 0, 2));
  v128.store(y + (yRow << 1) + yRow, v128.shuffle<i64>(ab1, cd1, 1, 3));
}
