/**
 * Sums in float32 lanes over short blocks, the blocks added in float64: the speed of float32, and an
 * error that does not grow with the length of the axis.
 */

/** Elements that one {@link sum_partial} may cover: the grid of a sum that is split over threads. */
const CHUNK: i32 = 16384;
/** Elements of a contiguous block: 16 lanes of 16 values each. */
const BLOCK: i32 = 256;
/** Rows of a block of columns: every fourth addition is on the chain, so a chain is 16 long. */
const BLOCK_ROWS: i32 = 64;

/**
 * y[o, i] = Σₐ x[o, a, i] / divisor, with x[o, a, i] at x + o·axis·stride + a·stride + i and y[o, i] at
 * y + o·stride + i. The whole of f32[outer, axis, inner] has stride = inner, a range of its columns keeps it.
 * y must not overlap x. accumulate ≠ 0 adds to y, with the one float32 rounding of `add_to`.
 * axis = 0 gives 0 / divisor. NaN and Inf as IEEE; a block whose float32 sum overflows is Inf.
 *
 * The mean is divisor = axis. stride = 1 reads rows, each in chunks of 16384 elements added in order, so
 * a row equals the sum in order of its {@link sum_partial}s. Else columns, each in the order of its rows whatever
 * its neighbours. So any range of outer or of inner gives the bits of the whole.
 *
 * Error, u = 2⁻²⁴: |y − exact| ≤ (19·Σ|x| / divisor + |exact|)·u at any length, to first order in u: no value
 * passes through more than 19 float32 additions (a block of 63 rows: 2 in its four, 14 and 3 on the chain), the
 * float64 part adds nothing visible, and the result is rounded once. Sums of integers are exact as long as those
 * of each block of 256 elements or 64 rows stay within 2²⁴.
 */
export function sum_reduce(
  y: usize, x: usize, outer: i32, axis: i32, inner: i32, stride: i32, divisor: f64, accumulate: i32,
): void {
  const slab = <usize>axis * (<usize>stride << 2);
  for (; outer > 0; outer--, x += slab, y += <usize>stride << 2) {
    if (stride == 1) {
      let total: f64 = 0;
      for (let a = 0; a < axis; a += CHUNK) total += sum_chunk(x + (<usize>a << 2), min(axis - a, CHUNK));
      const mean = <f32>(total / divisor);
      store<f32>(y, accumulate ? load<f32>(y) + mean : mean);
    } else {
      let p = x;
      let q = y;
      let left = inner;
      for (; left >= 16; left -= 16, p += 64, q += 64) sum_columns<V16>(q, p, axis, stride, divisor, accumulate);
      for (; left >= 4; left -= 4, p += 16, q += 16) sum_columns<V4>(q, p, axis, stride, divisor, accumulate);
      for (; left > 0; left--, p += 4, q += 4) sum_columns<V1>(q, p, axis, stride, divisor, accumulate);
    }
  }
}

/**
 * dst = Σ x in float64, unrounded: one chunk of a long sum.
 * dst: f64[1], x: f32[n], n ≤ 16384. Added in order of the chunks, from 0, they give what
 * {@link sum_reduce} gives for the whole row.
 */
export function sum_partial(dst: usize, x: usize, n: i32): void {
  store<f64>(dst, sum_chunk(x, n));
}

function sum_chunk(x: usize, n: i32): f64 {
  const end = x + (<usize>n << 2);
  const vectors = x + (<usize>(n & ~3) << 2);
  let total = f64x2.splat(0);
  while (x < vectors) {
    let s0 = f32x4.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    const block = min(vectors - x, <usize>BLOCK << 2);
    const stop = x + block;
    for (const unrolled = x + (block & ~127); x < unrolled; x += 128) {
      s0 = f32x4.add(s0, f32x4.add(v128.load(x), v128.load(x, 16)));
      s1 = f32x4.add(s1, f32x4.add(v128.load(x, 32), v128.load(x, 48)));
      s2 = f32x4.add(s2, f32x4.add(v128.load(x, 64), v128.load(x, 80)));
      s3 = f32x4.add(s3, f32x4.add(v128.load(x, 96), v128.load(x, 112)));
    }
    for (; x < stop; x += 16) s0 = f32x4.add(s0, v128.load(x));
    s0 = f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3));
    total = f64x2.add(total, f64x2.add(low(s0), high(s0)));
  }
  let sum = f64x2.extract_lane(total, 0) + f64x2.extract_lane(total, 1);
  for (; x < end; x += 4) sum += <f64>load<f32>(x);
  return sum;
}

// Widths of a strip of columns.
class V16 {}
class V4 {}
class V1 {}

/** One strip of 16, 4 or 1 columns. Every width adds a column in the same order. */
function sum_columns<W>(y: usize, x: usize, axis: i32, stride: i32, divisor: f64, accumulate: i32): void {
  const row = <usize>stride << 2;
  const row2 = row << 1;
  const row3 = row2 + row;
  const row4 = row << 2;
  let t0 = f64x2.splat(0);
  let t1 = t0;
  let t2 = t0;
  let t3 = t0;
  let t4 = t0;
  let t5 = t0;
  let t6 = t0;
  let t7 = t0;
  for (; axis > 0; axis -= BLOCK_ROWS) {
    const rows = min(axis, BLOCK_ROWS);
    let s0 = f32x4.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    for (let r = rows >> 2; r > 0; r--, x += row4) {
      s0 = add_rows<W>(s0, x, x + row, x + row2, x + row3, 0);
      if (idof<W>() == idof<V16>()) {
        s1 = add_rows<W>(s1, x, x + row, x + row2, x + row3, 16);
        s2 = add_rows<W>(s2, x, x + row, x + row2, x + row3, 32);
        s3 = add_rows<W>(s3, x, x + row, x + row2, x + row3, 48);
      }
    }
    for (let r = rows & 3; r > 0; r--, x += row) {
      s0 = f32x4.add(s0, load_columns<W>(x, 0));
      if (idof<W>() == idof<V16>()) {
        s1 = f32x4.add(s1, load_columns<W>(x, 16));
        s2 = f32x4.add(s2, load_columns<W>(x, 32));
        s3 = f32x4.add(s3, load_columns<W>(x, 48));
      }
    }
    t0 = f64x2.add(t0, low(s0));
    t1 = f64x2.add(t1, high(s0));
    if (idof<W>() == idof<V16>()) {
      t2 = f64x2.add(t2, low(s1));
      t3 = f64x2.add(t3, high(s1));
      t4 = f64x2.add(t4, low(s2));
      t5 = f64x2.add(t5, high(s2));
      t6 = f64x2.add(t6, low(s3));
      t7 = f64x2.add(t7, high(s3));
    }
  }
  store_columns<W>(y, t0, t1, divisor, accumulate);
  if (idof<W>() == idof<V16>()) {
    store_columns<W>(y + 16, t2, t3, divisor, accumulate);
    store_columns<W>(y + 32, t4, t5, divisor, accumulate);
    store_columns<W>(y + 48, t6, t7, divisor, accumulate);
  }
}

// @ts-ignore: decorator
@inline
function load_columns<W>(x: usize, offset: usize): v128 {
  return idof<W>() == idof<V1>() ? v128.load_splat<f32>(x) : v128.load(x + offset);
}

/** s + ((a + b) + (c + d)): one addition in four is on the chain of s. */
// @ts-ignore: decorator
@inline
function add_rows<W>(s: v128, a: usize, b: usize, c: usize, d: usize, offset: usize): v128 {
  const ab = f32x4.add(load_columns<W>(a, offset), load_columns<W>(b, offset));
  const cd = f32x4.add(load_columns<W>(c, offset), load_columns<W>(d, offset));
  return f32x4.add(s, f32x4.add(ab, cd));
}

// @ts-ignore: decorator
@inline
function store_columns<W>(y: usize, t0: v128, t1: v128, divisor: f64, accumulate: i32): void {
  const by = f64x2.splat(divisor);
  const m0 = f32x4.demote_f64x2_zero(f64x2.div(t0, by));
  const m1 = f32x4.demote_f64x2_zero(f64x2.div(t1, by));
  let mean = v128.shuffle<i64>(m0, m1, 0, 2);
  if (accumulate) mean = f32x4.add(load_columns<W>(y, 0), mean);
  if (idof<W>() == idof<V1>()) v128.store_lane<f32>(y, mean, 0);
  else v128.store(y, mean);
}

// @ts-ignore: decorator
@inline
function low(v: v128): v128 {
  return f64x2.promote_low_f32x4(v);
}

// @ts-ignore: decorator
@inline
function high(v: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<i64>(v, v, 1, 1));
}
