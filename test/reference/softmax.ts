/** y = e^x / Σ e^x over each row of `cols`, the maximum subtracted first (book, 3.5.2). */
export function softmax(x: ArrayLike<number>, cols: number): Float64Array {
  const y = new Float64Array(x.length);
  for (let row = 0; row < x.length; row += cols) {
    let max = -Infinity;
    for (let j = row; j < row + cols; j++) max = Math.max(max, x[j]!);
    let sum = 0;
    for (let j = row; j < row + cols; j++) sum += Math.exp(x[j]! - max);
    for (let j = row; j < row + cols; j++) y[j] = Math.exp(x[j]! - max) / sum;
  }
  return y;
}
