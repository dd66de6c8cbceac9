/**
 * Arithmetic with broadcasting: y[r, c] = a[r·aRow + c·aCol] ∘ b[r·bRow + c·bCol].
 *
 * y: f32[rows, cols], contiguous. Strides in elements: aCol, bCol are 0 (the row repeats one value) or 1,
 * aRow, bRow anything ≥ 0. y may be a or b where that operand has the layout of y.
 * Each element is one IEEE operation: exact rounding, denormals kept, NaN and Inf as in NumPy.
 */

/** y = a + b. */
export function add_forward(
  y: usize, a: usize, b: usize, rows: i32, cols: i32, aRow: i32, aCol: i32, bRow: i32, bCol: i32,
): void {
  broadcast<Add>(y, a, b, rows, cols, aRow, aCol, bRow, bCol);
}

/** y = a − b. */
export function sub_forward(
  y: usize, a: usize, b: usize, rows: i32, cols: i32, aRow: i32, aCol: i32, bRow: i32, bCol: i32,
): void {
  broadcast<Sub>(y, a, b, rows, cols, aRow, aCol, bRow, bCol);
}

/** y = a · b; 0·Inf is NaN. */
export function mul_forward(
  y: usize, a: usize, b: usize, rows: i32, cols: i32, aRow: i32, aCol: i32, bRow: i32, bCol: i32,
): void {
  broadcast<Mul>(y, a, b, rows, cols, aRow, aCol, bRow, bCol);
}

/** y = a / b; ±1/0 is ±Inf, 0/0 is NaN. */
export function div_forward(
  y: usize, a: usize, b: usize, rows: i32, cols: i32, aRow: i32, aCol: i32, bRow: i32, bCol: i32,
): void {
  broadcast<Div>(y, a, b, rows, cols, aRow, aCol, bRow, bCol);
}

/** y = max(a, b); NaN if either is, and max(−0, +0) = +0 in either order. */
export function maximum_forward(
  y: usize, a: usize, b: usize, rows: i32, cols: i32, aRow: i32, aCol: i32, bRow: i32, bCol: i32,
): void {
  broadcast<Maximum>(y, a, b, rows, cols, aRow, aCol, bRow, bCol);
}

/** y = min(a, b); NaN if either is, and min(−0, +0) = −0 in either order. */
export function minimum_forward(
  y: usize, a: usize, b: usize, rows: i32, cols: i32, aRow: i32, aCol: i32, bRow: i32, bCol: i32,
): void {
  broadcast<Minimum>(y, a, b, rows, cols, aRow, aCol, bRow, bCol);
}

/** y += x. x, y: f32[n]; y may be x. */
export function add_to(y: usize, x: usize, n: i32): void {
  add_forward(y, y, x, 1, n, 0, 1, 0, 1);
}

/**
 * Rows shorter than this go four at a time as one flat run of vectors
 * (npm run bench -- arithmetic --shape 5000x12 --sweep elementwise/arithmetic:SHORT=8, and --shape 5000x20 with
 * 32).
 */
const SHORT: i32 = 16;
/**
 * Vectors of a flat block: three operands of 8 KiB stay in L1 while its columns of vectors are visited in turn
 * (npm run bench -- arithmetic --shape 20000x3 --sweep elementwise/arithmetic:BLOCK=16,100000).
 */
const BLOCK: i32 = 512;

// The operations are types without values: the driver is compiled once for each, with the operation inlined.
class Add {}
class Sub {}
class Mul {}
class Div {}
class Maximum {}
class Minimum {}

// @ts-ignore: decorator
@inline
function apply4<Op>(a: v128, b: v128): v128 {
  if (idof<Op>() == idof<Add>()) return f32x4.add(a, b);
  if (idof<Op>() == idof<Sub>()) return f32x4.sub(a, b);
  if (idof<Op>() == idof<Mul>()) return f32x4.mul(a, b);
  if (idof<Op>() == idof<Div>()) return f32x4.div(a, b);
  if (idof<Op>() == idof<Maximum>()) return f32x4.max(a, b);
  return f32x4.min(a, b);
}

// @ts-ignore: decorator
@inline
function broadcast<Op>(
  y: usize, a: usize, b: usize, rows: i32, cols: i32, aRow: i32, aCol: i32, bRow: i32, bCol: i32,
): void {
  const aStep = <usize>aRow << 2;
  const bStep = <usize>bRow << 2;
  if (cols > 0 && cols < SHORT && rows >= 4 && is_flat(cols, aRow, aCol) && is_flat(cols, bRow, bCol)) {
    const perBlock = BLOCK / cols;
    do {
      const groups = min(rows >> 2, perBlock);
      flat_rows<Op>(y, a, b, groups, cols, aRow, aCol, bRow, bCol);
      const done = groups << 2;
      rows -= done;
      a += aStep * done;
      b += bStep * done;
      y += <usize>(done * cols) << 2;
    } while (rows >= 4);
  }
  const unrolled = <usize>(cols & ~15) << 2;
  for (; rows > 0; rows--, a += aStep, b += bStep) {
    let p = a;
    let q = b;
    const end = y + (<usize>cols << 2);
    if (aCol & bCol) {
      for (const stop = y + unrolled; y < stop; y += 64, p += 64, q += 64) {
        v128.store(y, apply4<Op>(v128.load(p), v128.load(q)));
        v128.store(y, apply4<Op>(v128.load(p, 16), v128.load(q, 16)), 16);
        v128.store(y, apply4<Op>(v128.load(p, 32), v128.load(q, 32)), 32);
        v128.store(y, apply4<Op>(v128.load(p, 48), v128.load(q, 48)), 48);
      }
      for (const stop = end - (<usize>(cols & 3) << 2); y < stop; y += 16, p += 16, q += 16) {
        v128.store(y, apply4<Op>(v128.load(p), v128.load(q)));
      }
    } else if (aCol) {
      const scalar = v128.load_splat<f32>(q);
      for (const stop = y + unrolled; y < stop; y += 64, p += 64) {
        v128.store(y, apply4<Op>(v128.load(p), scalar));
        v128.store(y, apply4<Op>(v128.load(p, 16), scalar), 16);
        v128.store(y, apply4<Op>(v128.load(p, 32), scalar), 32);
        v128.store(y, apply4<Op>(v128.load(p, 48), scalar), 48);
      }
      for (const stop = end - (<usize>(cols & 3) << 2); y < stop; y += 16, p += 16) {
        v128.store(y, apply4<Op>(v128.load(p), scalar));
      }
    } else if (bCol) {
      const scalar = v128.load_splat<f32>(p);
      for (const stop = y + unrolled; y < stop; y += 64, q += 64) {
        v128.store(y, apply4<Op>(scalar, v128.load(q)));
        v128.store(y, apply4<Op>(scalar, v128.load(q, 16)), 16);
        v128.store(y, apply4<Op>(scalar, v128.load(q, 32)), 32);
        v128.store(y, apply4<Op>(scalar, v128.load(q, 48)), 48);
      }
      for (const stop = end - (<usize>(cols & 3) << 2); y < stop; y += 16, q += 16) {
        v128.store(y, apply4<Op>(scalar, v128.load(q)));
      }
    }
    const pStep = <usize>aCol << 2;
    const qStep = <usize>bCol << 2;
    for (; y < end; y += 4, p += pStep, q += qStep) {
      v128.store_lane<f32>(y, apply4<Op>(v128.load_splat<f32>(p), v128.load_splat<f32>(q)), 0);
    }
  }
}

/**
 * Rows of a few elements: four rows are `cols` whole vectors of y, and what belongs to vector j of every such group
 * is the same selection of the operand. So j is the outer loop, and the inner one runs over the groups:
 *
 *   cols = 3:   r0 r0 r0 r1 | r1 r1 r2 r2 | r2 r3 r3 r3     one value a row: four values, shuffled by a fixed mask
 *               c0 c1 c2 c0 | c1 c2 c0 c1 | c2 c0 c1 c2     one value a column: a constant
 */
// @ts-ignore: decorator
@inline
function flat_rows<Op>(
  y: usize, a: usize, b: usize, groups: i32, cols: i32, aRow: i32, aCol: i32, bRow: i32, bCol: i32,
): void {
  const yStep = <usize>cols << 4;
  const end = y + yStep * groups;
  const aStep = <usize>aRow << 4;
  const bStep = <usize>bRow << 4;
  for (let j = 0; j < cols; j++) {
    const aMask = lane_mask(j, cols, aRow, aCol);
    const bMask = lane_mask(j, cols, bRow, bCol);
    const aRest = lane_constants(a, j, cols, aRow, aCol);
    const bRest = lane_constants(b, j, cols, bRow, bCol);
    // A constant operand may be shorter than a vector: y stands in for the load, which the mask drops.
    let p = aRow ? a + (<usize>(j * aCol) << 4) : y;
    let q = bRow ? b + (<usize>(j * bCol) << 4) : y;
    for (let to = y + (<usize>j << 4); to < end; to += yStep, p += aStep, q += bStep) {
      const u = v128.or(i8x16.swizzle(v128.load(p), aMask), aRest);
      const v = v128.or(i8x16.swizzle(v128.load(q), bMask), bRest);
      v128.store(to, apply4<Op>(u, v));
    }
  }
}

/** Whether four rows of the operand are a flat run, one value each, or always the same. */
function is_flat(cols: i32, row: i32, col: i32): bool {
  return row == 0 || row == (col ? cols : 1);
}

/** The bytes that vector j of a group takes from the operand's four elements; none of a constant operand. */
function lane_mask(j: i32, cols: i32, row: i32, col: i32): v128 {
  if (row == 0) return i32x4.splat(-1);
  let element = i32x4(0, 1, 2, 3);
  if (!col) {
    for (let e = (j << 2) + 3; e >= j << 2; e--) element = i32x4.replace_lane(push_lane(element), 0, e / cols);
  }
  return i32x4.add(i32x4.mul(element, i32x4.splat(0x04040404)), i32x4.splat(0x03020100));
}

/** Vector j of a group of an operand that is the same for every row, else zero bits. */
function lane_constants(x: usize, j: i32, cols: i32, row: i32, col: i32): v128 {
  let v = i32x4.splat(0);
  if (row) return v;
  for (let e = (j << 2) + 3; e >= j << 2; e--) {
    v = v128.load_lane<f32>(x + (<usize>(e % cols * col) << 2), push_lane(v), 0);
  }
  return v;
}

/** Every lane one place up, to make room in lane 0. */
// @ts-ignore: decorator
@inline
function push_lane(v: v128): v128 {
  return v128.shuffle<i32>(v, v, 0, 0, 1, 2);
}
