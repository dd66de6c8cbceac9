import { checkOptions } from '../engine/check.js';
import { engine } from '../engine/engine.js';
import { ShapeError } from '../engine/errors.js';
import type { Tensor, TensorLike } from '../tensor/tensor.js';
import { type Out, outLike } from './argument.js';
import { elementwise, type Unary } from './elementwise.js';

const OPTIONS = ['out'];

/**
 * e^x / Σ e^x over the last axis, computed from x − max x. A row of -Inf only, with +Inf or with NaN is NaN; the
 * others are not touched by it. The relative error of what is at least 2⁻¹²⁶ is at most 2e-7·(4 + |x − max x|). `out` may be x.
 */
export const softmax = rowwise('softmax', 'softmax_forward');

/**
 * x − log Σ e^x over the last axis, without the loss of log(softmax(x)) where a probability is 0: sum and logarithm are
 * float64, and the result is rounded three times.
 */
export const logSoftmax = rowwise('logSoftmax', 'log_softmax_forward');

function rowwise(where: string, kernel: 'softmax_forward' | 'log_softmax_forward'): Unary {
  return ((x: TensorLike, options?: { out?: Out | undefined }) => {
    checkOptions(options, OPTIONS, where);
    const out = options?.out;
    const ready = outLike(x, out);
    if (ready !== undefined && ready.size > 0 && ready.rank > 0) {
      const cols = ready.shape[ready.rank - 1]!;
      engine.wasm[kernel](ready.storage.offset, (x as Tensor).storage.offset, ready.size / cols, cols);
      ready.storage.version++;
      return ready;
    }
    return elementwise(where, x, out, (y, input) => {
      if (y.rank === 0) throw new ShapeError(`${where}: expected x with at least one axis, got shape []`);
      const cols = y.shape[y.rank - 1]!;
      if (y.size > 0) engine.wasm[kernel](y.storage.offset, input.storage.offset, y.size / cols, cols);
    });
  }) as Unary;
}
