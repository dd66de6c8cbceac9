/** One operand of a broadcast: element [r, c] is values[r·row + c·col]. */
export interface Operand {
  readonly values: ArrayLike<number>;
  readonly row: number;
  readonly col: number;
}

/** y[r, c] = op(a[r, c], b[r, c]). Rounded to float32, one float64 operation on float32 values is the float32 one. */
export function broadcast(
  op: (a: number, b: number) => number,
  a: Operand,
  b: Operand,
  rows: number,
  cols: number,
): Float64Array {
  const y = new Float64Array(rows * cols);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < cols; c++) {
      y[r * cols + c] = op(a.values[r * a.row + c * a.col]!, b.values[r * b.row + c * b.col]!);
    }
  }
  return y;
}

export const add = (a: number, b: number): number => a + b;
export const sub = (a: number, b: number): number => a - b;
export const mul = (a: number, b: number): number => a * b;
export const div = (a: number, b: number): number => a / b;
/** `Math.max` has NumPy's NaN, and +0 above -0. */
export const maximum = (a: number, b: number): number => Math.max(a, b);
export const minimum = (a: number, b: number): number => Math.min(a, b);
