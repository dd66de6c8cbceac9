/** y = x − ln Σ e^x over each row of `cols`, the maximum subtracted first. */
export function logSoftmax(x: ArrayLike<number>, cols: number): Float64Array {
  const y = new Float64Array(x.length);
  for (let row = 0; row < x.length; row += cols) {
    let max = -Infinity;
    for (let j = row; j < row + cols; j++) max = Math.max(max, x[j]!);
    let sum = 0;
    for (let j = row; j < row + cols; j++) sum += Math.exp(x[j]! - max);
    for (let j = row; j < row + cols; j++) y[j] = x[j]! - max - Math.log(sum);
  }
  return y;
}
