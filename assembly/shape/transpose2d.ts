/**
 * Rows of a band: their lines stay in L1 while the band is read across
 * (npm run bench -- transpose2d --sweep shape/transpose2d:BAND=4,8,32,64).
 */
const BAND: i32 = 16;

/**
 * y[c, r] = x[r, c], with x[r, c] at x + r·x_row_stride + c and y[c, r] at y + c·y_row_stride + r.
 * x: f32[rows, cols], y: f32[cols, rows]; strides in elements; y must not overlap x. Every bit stays.
 *
 * Bands of 16 rows, each in 4×4 tiles in registers: a cache line of y is filled in one go.
 */
export function transpose2d(
  y: usize, x: usize, rows: i32, cols: i32, x_row_stride: i32, y_row_stride: i32,
): void {
  const x_row = <usize>x_row_stride << 2;
  const y_row = <usize>y_row_stride << 2;
  for (; rows > 0; rows -= BAND, x += x_row * BAND, y += BAND << 2) {
    const band = min(rows, BAND);
    let from = x;
    let to = y;
    let c = cols;
    for (; c >= 4; c -= 4, from += 16, to += y_row << 2) {
      let p = from;
      let q = to;
      let r = band;
      for (; r >= 4; r -= 4, p += x_row << 2, q += 16) tile4x4(q, p, x_row, y_row);
      for (; r > 0; r--, p += x_row, q += 4) {
        const v = v128.load(p);
        v128.store_lane<f32>(q, v, 0);
        v128.store_lane<f32>(q + y_row, v, 1);
        v128.store_lane<f32>(q + (y_row << 1), v, 2);
        v128.store_lane<f32>(q + (y_row << 1) + y_row, v, 3);
      }
    }
    for (; c > 0; c--, from += 4, to += y_row) {
      let p = from;
      let q = to;
      for (let r = band; r > 0; r--, p += x_row, q += 4) store<u32>(q, load<u32>(p));
    }
  }
}

// @ts-ignore: decorator
@inline
function tile4x4(y: usize, x: usize, x_row: usize, y_row: usize): void {
  const a = v128.load(x);
  const b = v128.load(x + x_row);
  const c = v128.load(x + (x_row << 1));
  const d = v128.load(x + (x_row << 1) + x_row);
  const ab0 = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
  const cd0 = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
  const ab1 = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
  const cd1 = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
  v128.store(y, v128.shuffle<i64>(ab0, cd0, 0, 2));
  v128.store(y + y_row, v128.shuffle<i64>(ab0, cd0, 1, 3));
  v128.store(y + (y_row << 1), v128.shuffle<i64>(ab1, cd1, 0, 2));
  v128.store(y + (y_row << 1) + y_row, v128.shuffle<i64>(ab1, cd1, 1, 3));
}
