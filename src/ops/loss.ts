import { engine } from '../engine/engine.js';
import { adopted, shapeOf } from '../tensor/create.js';
import { type Shape, shapeError, sizeOf } from '../tensor/shape.js';
import type { Tensor, TensorLike } from '../tensor/tensor.js';
import { tidy } from '../tensor/tidy.js';
import { LOSS_ROWS } from '../wasm/contract.js';
import { done, operand, temporary } from './argument.js';
import { type CheckedLabels, checkLabels, type Labels, writeLabels } from './labels.js';
import { argmax } from './reduce.js';

/**
 * Mean cross-entropy over the rows: −log softmax(logits)[t], or −Σ t·log softmax(logits) where t is rows, by log-sum-exp, with
 * logarithm and mean in float64. logits [N, C]; t [N] indices or [N, C] rows, whose terms with t = 0 count 0.
 * @throws ShapeError unless logits are [N, C] with N, C > 0 and t fits, RangeError for a label that is no integer in 0 … C - 1
 */
export function crossEntropy(logits: TensorLike, t: Labels): number {
  const where = 'crossEntropy';
  const shape = shapeOf(logits, where, 'logits');
  checkLogits(shape, where, 'logits');
  const labels = checkLabels(t, shape[0]!, shape[1]!, where);
  const copy = temporary(labels.shape, sizeOf(labels.shape), where);
  let x: Tensor | undefined;
  let y: Tensor | undefined;
  try {
    writeLabels(labels, copy.storage.offset);
    x = operand(logits, shape, where);
    y = temporary(shape, sizeOf(shape), where);
    return softmaxCrossEntropy(y, x, labels.kind, copy.storage.offset, engine.scratch(shape[0]!, where));
  } finally {
    done(x, logits);
    y?.dispose();
    copy.dispose();
  }
}

/** @throws ShapeError for logits that are not [N, C] with N, C > 0 */
export function checkLogits(shape: Shape, where: string, name: string): void {
  if (shape.length === 2 && shape[0]! > 0 && shape[1]! > 0) return;
  throw shapeError(where, `${name} of shape [N, C] with N, C > 0`, shape);
}

/**
 * y = softmax(x) and the mean loss, in one pass over x; y may be x. `labels` is the offset of labels of that kind,
 * `losses` of scratch of a byte a row: LOSS_ROWS have one float64 there, and scratch ends at a multiple of 64 bytes. Unchecked.
 * @internal
 */
export function softmaxCrossEntropy(
  y: Tensor,
  x: Tensor,
  kind: CheckedLabels['kind'],
  labels: number,
  losses: number,
): number {
  const rows = x.shape[0]!;
  const cols = x.shape[1]!;
  const kernel = kind === 'indices' ? 'softmax_cross_entropy_forward' : 'softmax_cross_entropy_forward_dense';
  engine.wasm[kernel](y.storage.offset, losses, x.storage.offset, labels, rows, cols);
  const { f64 } = engine;
  let total = 0;
  for (let i = 0, at = losses / 8; i < rows; i += LOSS_ROWS) total += f64[at++]!;
  return total / rows;
}

/** dx = scale · (y − t); unchecked. @internal */
export function softmaxCrossEntropyBackward(
  dx: Tensor,
  y: Tensor,
  kind: CheckedLabels['kind'],
  labels: number,
  scale: number,
): void {
  const rows = y.shape[0]!;
  const cols = y.shape[1]!;
  const kernel = kind === 'indices' ? 'softmax_cross_entropy_backward' : 'softmax_cross_entropy_backward_dense';
  engine.wasm[kernel](dx.storage.offset, y.storage.offset, labels, rows, cols, scale);
}

/**
 * The share of rows whose largest element stands where the label says, as a number in 0 … 1. NaN counts as the largest,
 * as for `argmax`.
 * y [N, C] probabilities or logits; t [N] indices or [N, C] one-hot rows.
 * @throws ShapeError, RangeError as {@link crossEntropy}
 */
export function accuracy(y: TensorLike, t: Labels): number {
  const where = 'accuracy';
  const shape = shapeOf(y, where, 'y');
  checkLogits(shape, where, 'y');
  const labels = checkLabels(t, shape[0]!, shape[1]!, where);
  return tidy(() => {
    const predicted = argmax(adopted(y, shape, where), { axis: 1 });
    const classes =
      labels.kind === 'rows' ? argmax(adopted(labels.source, labels.shape, where), { axis: 1 }) : labels.indices;
    let right = 0;
    for (let i = 0; i < predicted.length; i++) if (predicted[i] === classes[i]) right++;
    return right / predicted.length;
  });
}
