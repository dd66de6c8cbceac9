import { logSoftmax } from './log_softmax';

/** One loss a row: −ln softmax(x)[label]. */
export function softmaxCrossEntropy(x: ArrayLike<number>, labels: ArrayLike<number>, cols: number): Float64Array {
  const logY = logSoftmax(x, cols);
  return Float64Array.from(labels, (label, row) => -logY[row * cols + label]!);
}

/** One loss a row: −Σ t · ln softmax(x), terms with t = 0 left out. */
export function softmaxCrossEntropyDense(x: ArrayLike<number>, t: ArrayLike<number>, cols: number): Float64Array {
  const logY = logSoftmax(x, cols);
  const losses = new Float64Array(x.length / cols);
  logY.forEach((l, i) => {
    if (t[i] !== 0) losses[Math.floor(i / cols)]! -= t[i]! * l;
  });
  return losses;
}

/** dx = scale · (y − onehot(labels)), y = softmax(x). */
export function softmaxCrossEntropyBackward(
  y: ArrayLike<number>,
  labels: ArrayLike<number>,
  cols: number,
  scale: number,
): Float64Array {
  return Float64Array.from(y, (p, i) => scale * (p - (labels[Math.floor(i / cols)] === i % cols ? 1 : 0)));
}

/** dx = scale · (y − t), y = softmax(x). */
export function softmaxCrossEntropyBackwardDense(
  y: ArrayLike<number>,
  t: ArrayLike<number>,
  scale: number,
): Float64Array {
  return Float64Array.from(y, (p, i) => scale * (p - t[i]!));
}
