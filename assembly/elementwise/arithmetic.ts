/**
 * Arithmetic with broadcasting: y[r, c] = a[r·a_row + c·a_col] ∘ b[r·b_row + c·b_col].
 *
 * y: f32[rows, cols], contiguous. Strides in elements: a_col, b_col are 0 (the row repeats one value) or 1,
 * a_row, b_row anything ≥ 0. y may be a or b where that operand has the layout of y.
 * Each element is one IEEE operation: exact rounding, denormals kept, NaN and Inf as in NumPy.
 */

/** y = a + b. */
export function add_forward(
  y: usize, a: usize, b: usize, rows: i32, cols: i32, a_row: i32, a_col: i32, b_row: i32, b_col: i32,
): void {
  broadcast<Add>(y, a, b, rows, cols, a_row, a_col, b_row, b_col);
}

/** y = a − b. */
export function sub_forward(
  y: usize, a: usize, b: usize, rows: i32, cols: i32, a_row: i32, a_col: i32, b_row: i32, b_col: i32,
): void {
  broadcast<Sub>(y, a, b, rows, cols, a_row, a_col, b_row, b_col);
}

/** y = a · b; 0·Inf is NaN. */
export function mul_forward(
  y: usize, a: usize, b: usize, rows: i32, cols: i32, a_row: i32, a_col: i32, b_row: i32, b_col: i32,
): void {
  broadcast<Mul>(y, a, b, rows, cols, a_row, a_col, b_row, b_col);
}

/** y = a / b; ±1/0 is ±Inf, 0/0 is NaN. */
export function div_forward(
  y: usize, a: usize, b: usize, rows: i32, cols: i32, a_row: i32, a_col: i32, b_row: i32, b_col: i32,
): void {
  broadcast<Div>(y, a, b, rows, cols, a_row, a_col, b_row, b_col);
}

/** y = max(a, b); NaN if either is, and max(−0, +0) = +0 in either order. */
export function maximum_forward(
  y: usize, a: usize, b: usize, rows: i32, cols: i32, a_row: i32, a_col: i32, b_row: i32, b_col: i32,
): void {
  broadcast<Maximum>(y, a, b, rows, cols, a_row, a_col, b_row, b_col);
}

/** y = min(a, b); NaN if either is, and min(−0, +0) = −0 in either order. */
export function minimum_forward(
  y: usize, a: usize, b: usize, rows: i32, cols: i32, a_row: i32, a_col: i32, b_row: i32, b_col: i32,
): void {
  broadcast<Minimum>(y, a, b, rows, cols, a_row, a_col, b_row, b_col);
}

/** y += x. x, y: f32[n]; y may be x. */
export function add_to(y: usize, x: usize, n: i32): void {
  add_forward(y, y, x, 1, n, 0, 1, 0, 1);
}

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
  y: usize, a: usize, b: usize, rows: i32, cols: i32, a_row: i32, a_col: i32, b_row: i32, b_col: i32,
): void {
  const a_step = <usize>a_row << 2;
  const b_step = <usize>b_row << 2;
  const vectors = <usize>(cols & ~3) << 2;
  const unrolled = <usize>(cols & ~15) << 2;
  for (; rows > 0; rows--, a += a_step, b += b_step) {
    let p = a;
    let q = b;
    const end = y + (<usize>cols << 2);
    if (a_col & b_col) {
      for (const stop = y + unrolled; y < stop; y += 64, p += 64, q += 64) {
        v128.store(y, apply4<Op>(v128.load(p), v128.load(q)));
        v128.store(y, apply4<Op>(v128.load(p, 16), v128.load(q, 16)), 16);
        v128.store(y, apply4<Op>(v128.load(p, 32), v128.load(q, 32)), 32);
        v128.store(y, apply4<Op>(v128.load(p, 48), v128.load(q, 48)), 48);
      }
      for (const stop = end - (<usize>(cols & 3) << 2); y < stop; y += 16, p += 16, q += 16) {
        v128.store(y, apply4<Op>(v128.load(p), v128.load(q)));
      }
    } else if (a_col) {
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
    } else if (b_col) {
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
    const p_step = <usize>a_col << 2;
    const q_step = <usize>b_col << 2;
    for (; y < end; y += 4, p += p_step, q += q_step) {
      v128.store_lane<f32>(y, apply4<Op>(v128.load_splat<f32>(p), v128.load_splat<f32>(q)), 0);
    }
  }
}
