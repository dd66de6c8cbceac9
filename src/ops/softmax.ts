import { checkOptions } from '../engine/check.js';
import { engine } from '../engine/engine.js';
import type { Tensor, TensorLike } from '../tensor/tensor.js';
import { type Out, outLike } from './argument.js';
import { elementwise, type Unary } from './elementwise.js';

const OPTIONS = ['out'];

/**
 * e^x / Σ e^x over the last axis, computed from x − max x. A row that contains NaN or +Inf, or only -Inf, becomes NaN; other
 * rows are not affected. The relative error of results ≥ 2⁻¹²⁶ is at most 2e-7·(8 + |x − max x|). `out` may be x.
 * @throws ShapeError for a 0-d x, or when `out` has another shape
 */
export const softmax = rowwise('softmax', 'softmax_forward');

/**
 * x − log Σ e^x over the last axis, without the loss of log(softmax(x)) where a probability is 0: sum and logarithm are
 * float64, and the result is rounded three times.
 * @throws ShapeError for a 0-d x, or when `out` has another shape
 */
export const logSoftmax = rowwise('logSoftmax', 'log_softmax_forward');

function rowwise(where: string, kernel: 'softmax_forward' | 'log_softmax_forward'): Unary {
  const apply = (y: Tensor, x: Tensor): void => {
    const cols = y.shape[y.rank - 1]!;
    if (y.size > 0) engine.wasm[kernel](y.storage.offset, x.storage.offset, y.size / cols, cols);
  };
  return ((x: TensorLike, options?: { out?: Out | undefined }) => {
    checkOptions(options, OPTIONS, where);
    const out = options?.out;
    const y = outLike(x, out);
    if (y === undefined || y.rank === 0) return elementwise(where, x, out, apply, 1);
    y.storage.version++;
    apply(y, x as Tensor);
    return y;
  }) as Unary;
}
