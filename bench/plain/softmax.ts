/** y = softmax over each row of x. */
export function softmax(y: Float32Array, x: Float32Array, cols: number): void {
  for (let at = 0; at < x.length; at += cols) {
    let largest = x[at]!;
    for (let j = 1; j < cols; j++) if (x[at + j]! > largest) largest = x[at + j]!;
    let total = 0;
    for (let j = 0; j < cols; j++) {
      const e = Math.exp(x[at + j]! - largest);
      y[at + j] = e;
      total += e;
    }
    const scale = 1 / total;
    for (let j = 0; j < cols; j++) y[at + j]! *= scale;
  }
}

/** y = log softmax over each row of x. */
export function logSoftmax(y: Float32Array, x: Float32Array, cols: number): void {
  for (let at = 0; at < x.length; at += cols) {
    let largest = x[at]!;
    for (let j = 1; j < cols; j++) if (x[at + j]! > largest) largest = x[at + j]!;
    let total = 0;
    for (let j = 0; j < cols; j++) total += Math.exp(x[at + j]! - largest);
    const shift = largest + Math.log(total);
    for (let j = 0; j < cols; j++) y[at + j] = x[at + j]! - shift;
  }
}

/** The mean cross-entropy of softmax(x) and the labels; y gets the softmax. */
export function softmaxLoss(y: Float32Array, x: Float32Array, labels: Int32Array): number {
  const rows = labels.length;
  const cols = x.length / rows;
  softmax(y, x, cols);
  let loss = 0;
  for (let i = 0; i < rows; i++) loss -= Math.log(y[i * cols + labels[i]!]!);
  return loss / rows;
}

/** dx = (y − onehot) / N */
export function softmaxLossBackward(dx: Float32Array, y: Float32Array, labels: Int32Array): void {
  const rows = labels.length;
  const cols = y.length / rows;
  const scale = 1 / rows;
  for (let i = 0; i < y.length; i++) dx[i] = y[i]! * scale;
  for (let i = 0; i < rows; i++) dx[i * cols + labels[i]!]! -= scale;
}
