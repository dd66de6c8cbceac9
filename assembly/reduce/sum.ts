import { add_to } from '../elementwise/arithmetic';
import { high2, low2, store_front, sumLanes2, widen2 } from '../math/lanes';

/*
 * Sums in float32 lanes over short blocks, the blocks added in float64: the speed of float32, and an error that does
 * not grow with the length of the axis.
 */

/** Elements of one partial sum: the grid of a sum that is split over threads (SUM_CHUNK of src/threads/partition.ts). */
const CHUNK: i32 = 16384;
/**
 * Elements of a contiguous block: 16 lanes of 16 values each, which is what bounds the error. Blocks of 64 take a fifth
 * longer, of 1024 no less (npm run bench -- sum --sweep reduce/sum:BLOCK=64,1024).
 */
const BLOCK: i32 = 256;
/**
 * Rows shorter than this are added in float64: less work than lanes that must be added up again
 * (npm run bench -- sum --shape 10000x10 --sweep reduce/sum:FEW=4).
 */
const FEW: i32 = 16;
/**
 * Axes up to here are added in one pass along the rows: few enough for a float32 total
 * (npm run bench -- sum --sweep reduce/sum:SHORT=64), …
 */
const SHORT: i32 = 256;
/** … unless rows are shorter than this, for which a call for each row takes longer than totals in float64. */
const NARROW: i32 = 16;
/**
 * Rows of a column that are added in float32 before the sum goes on in float64: with short rows the more the better, with
 * long ones few enough for the prefetcher to follow each (npm run bench -- sum --shape 10000x10 --sweep
 * reduce/sum:SHORT_ROWS=16, and --shape 1000x1000 --sweep reduce/sum:LONG_ROWS=8,64).
 */
const SHORT_ROWS: i32 = 64;
const LONG_ROWS: i32 = 16;
/** A row of so many elements is long. */
const LONG: i32 = 256;
/** Columns whose totals are in the scratch at a time: 16 KiB, beside which the rows of a block have room in L1. */
const STRIP: i32 = 2048;

/**
 * y[o, i] = Σₐ x[o, a, i] / divisor, with x[o, a, i] at x + o·axis·stride + a·stride + i and y[o, i] at
 * y + o·stride + i. The whole of f32[outer, axis, inner] has stride = inner, a range of its columns keeps it.
 * y must not overlap x. accumulate ≠ 0 adds to y. axis = 0 gives 0 / divisor. Up to 12 bytes behind x and y are read.
 * scratch: 16 KiB, of which no more than 8 bytes for each column are used, rounded up to 32.
 * NaN and Inf as IEEE; a block whose float32 sum overflows is Inf, or NaN where lanes overflow both ways.
 *
 * The mean is divisor = axis. stride = 1 reads rows, each in chunks of 16384 elements added in order, so
 * a row equals the sum in order of its {@link sum_partial}s. Else columns, each in the order of its rows whatever
 * its neighbours. So any range of outer or of inner gives the bits of the whole.
 *
 * Error, u = 2⁻²⁴: |y − exact| ≤ (41·Σ|x| / divisor + |exact|)·u at any length, to first order in u: the sum in
 * float64 adds nothing visible, the result is rounded once, and no value passes through more than 41 float32
 * additions (255 rows: 3 in its eight, 31 and 7 on the chain; 17 in a contiguous block, 20 in a block of 63 rows).
 * What is accumulated counts as one of the x. Sums of integers are exact as long as those of each block of 256
 * elements or rows stay within 2²⁴.
 */
export function sum_reduce(
  y: usize, x: usize, outer: i32, axis: i32, inner: i32, stride: i32, divisor: f64, accumulate: i32,
  scratch: usize,
): void {
  if (stride == 1 && axis < FEW && outer > 1) {
    sum_short(y, x, outer, axis, divisor, accumulate);
    return;
  }
  const slab = <usize>axis * (<usize>stride << 2);
  for (; outer > 0; outer--, x += slab, y += <usize>stride << 2) {
    if (stride == 1) {
      let total: f64 = 0;
      for (let a = 0; a < axis; a += CHUNK) total += sum_chunk(x + (<usize>a << 2), min(axis - a, CHUNK));
      store_mean(y, total, divisor, accumulate);
    } else if (stride >= NARROW && axis <= SHORT && divisor == 1) {
      if (!accumulate) clear(y, inner);
      sum_rows(y, x, axis, inner, stride);
    } else {
      for (let i = 0; i < inner; i += STRIP) {
        const offset = <usize>i << 2;
        sum_columns(y + offset, x + offset, axis, min(inner - i, STRIP), stride, divisor, accumulate, scratch);
      }
    }
  }
}

/**
 * dst[i] = Σ x of the i-th 16384 elements in float64, unrounded: chunks of a long sum, which may start at any of them.
 * dst: f64[⌈n / 16384⌉], x: f32[n].
 */
export function sum_partial(dst: usize, x: usize, n: i32): void {
  for (; n > 0; n -= CHUNK, x += CHUNK << 2, dst += 8) store<f64>(dst, sum_chunk(x, min(n, CHUNK)));
}

/**
 * y = Σ partials / divisor, added in order: what {@link sum_reduce} gives for the whole row.
 * y: f32[1], partials: f64[n]. accumulate ≠ 0 adds to y.
 */
export function sum_total(y: usize, partials: usize, n: i32, divisor: f64, accumulate: i32): void {
  let total: f64 = 0;
  for (; n > 0; n--, partials += 8) total += load<f64>(partials);
  store_mean(y, total, divisor, accumulate);
}

function store_mean(y: usize, total: f64, divisor: f64, accumulate: i32): void {
  const mean = <f32>(total / divisor);
  store<f32>(y, accumulate ? load<f32>(y) + mean : mean);
}

function sum_chunk(x: usize, n: i32): f64 {
  const end = x + (<usize>n << 2);
  const vectors = n < FEW ? x : x + (<usize>(n & ~3) << 2);
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
    total = f64x2.add(total, widen2(s0));
  }
  return add_scalars(sumLanes2(total), x, end);
}

// @ts-ignore: decorator
@inline
function add_scalars(sum: f64, x: usize, end: usize): f64 {
  for (; x < end; x += 4) sum += <f64>load<f32>(x);
  return sum;
}

/** y = 0, n elements: usually few, for which `memory.fill` takes longer. */
function clear(y: usize, n: i32): void {
  for (; n > 0; n -= 4, y += 16) store_front(y, f32x4.splat(0), n);
}

/**
 * y[r] = Σₐ x[r, a] / divisor for rows of fewer than 16 elements, four at a time, in float64 and in the order of the elements.
 * y: f32[rows], x: f32[rows, axis], rows ≥ 1; the last row stands in for those behind it.
 */
function sum_short(y: usize, x: usize, rows: i32, axis: i32, divisor: f64, accumulate: i32): void {
  const row = <usize>axis << 2;
  const last = x + <usize>(rows - 1) * row;
  const by = f64x2.splat(divisor);
  for (; rows > 0; rows -= 4, x += row << 2, y += 16) {
    let p0 = x, p1 = min(x + row, last), p2 = min(x + 2 * row, last), p3 = min(x + 3 * row, last);
    let s0 = f64x2.splat(0), s1 = s0;
    for (let left = axis; left > 0; left -= 4, p0 += 16, p1 += 16, p2 += 16, p3 += 16) {
      const x0 = v128.load(p0), x1 = v128.load(p1), x2 = v128.load(p2), x3 = v128.load(p3);
      const a = v128.shuffle<i32>(x0, x1, 0, 4, 1, 5), b = v128.shuffle<i32>(x2, x3, 0, 4, 1, 5);
      s0 = f64x2.add(s0, low2(a));
      s1 = f64x2.add(s1, low2(b));
      if (left == 1) break;
      s0 = f64x2.add(s0, high2(a));
      s1 = f64x2.add(s1, high2(b));
      if (left == 2) break;
      const c = v128.shuffle<i32>(x0, x1, 2, 6, 3, 7), d = v128.shuffle<i32>(x2, x3, 2, 6, 3, 7);
      s0 = f64x2.add(s0, low2(c));
      s1 = f64x2.add(s1, low2(d));
      if (left == 3) break;
      s0 = f64x2.add(s0, high2(c));
      s1 = f64x2.add(s1, high2(d));
    }
    store_means(y, s0, s1, by, accumulate, rows);
  }
}

/** The first `count` of four totals, divided: y, or added to it. */
// @ts-ignore: decorator
@inline
function store_means(y: usize, t0: v128, t1: v128, by: v128, accumulate: i32, count: i32): void {
  const m0 = f32x4.demote_f64x2_zero(f64x2.div(t0, by));
  const m1 = f32x4.demote_f64x2_zero(f64x2.div(t1, by));
  let mean = v128.shuffle<i64>(m0, m1, 0, 2);
  if (accumulate) mean = f32x4.add(v128.load(y), mean);
  store_front(y, mean, count);
}

/** y[i] += Σₐ x[a, i], eight rows at a time: x is read once, in order, so rows a page apart cost no more than short ones. */
function sum_rows(y: usize, x: usize, axis: i32, inner: i32, stride: i32): void {
  const row = <usize>stride << 2;
  for (; axis >= 8; axis -= 8, x += row << 3) {
    let p = x;
    let q = y;
    let left = inner;
    for (; left > 3; left -= 4, q += 16, p += 16) v128.store(q, f32x4.add(v128.load(q), eight_rows(p, row)));
    if (left) store_front(q, f32x4.add(v128.load(q), eight_rows(p, row)), left);
  }
  for (; axis > 0; axis--, x += row) add_to(y, x, inner);
}

/**
 * The sums of up to 2048 columns, block of rows by block of rows, in the order of the memory.
 * totals: f64[inner], rounded up to four; the first block, of no rows where axis = 0, writes them.
 */
function sum_columns(
  y: usize, x: usize, axis: i32, inner: i32, stride: i32, divisor: f64, accumulate: i32, totals: usize,
): void {
  const row = <usize>stride << 2;
  const block = stride < LONG ? SHORT_ROWS : LONG_ROWS;
  for (let a = 0; a == 0 || a < axis; a += block) {
    const rows = min(axis - a, block);
    for (let left = inner, p = x, t = totals; left > 0; left -= 4, p += 16, t += 32) {
      let s = f32x4.splat(0);
      let q = p;
      for (let r = rows >> 2; r > 0; r--, q += row << 2) s = f32x4.add(s, four_rows(q, row));
      for (let r = rows & 3; r > 0; r--, q += row) s = f32x4.add(s, v128.load(q));
      let t0 = low2(s);
      let t1 = high2(s);
      if (a) {
        t0 = f64x2.add(t0, v128.load(t));
        t1 = f64x2.add(t1, v128.load(t, 16));
      }
      v128.store(t, t0);
      v128.store(t, t1, 16);
    }
    x += row * rows;
  }
  const by = f64x2.splat(divisor);
  for (; inner > 0; inner -= 4, y += 16, totals += 32) {
    store_means(y, v128.load(totals), v128.load(totals, 16), by, accumulate, inner);
  }
}

/** (a + b) + (c + d) for four rows. */
// @ts-ignore: decorator
@inline
function four_rows(x: usize, row: usize): v128 {
  const row2 = row << 1;
  const ab = f32x4.add(v128.load(x), v128.load(x + row));
  const cd = f32x4.add(v128.load(x + row2), v128.load(x + row2 + row));
  return f32x4.add(ab, cd);
}

// @ts-ignore: decorator
@inline
function eight_rows(x: usize, row: usize): v128 {
  return f32x4.add(four_rows(x, row), four_rows(x + (row << 2), row));
}
