import { checkOptions } from '../engine/check.js';
import { engine } from '../engine/engine.js';
import { ShapeError } from '../engine/errors.js';
import { shapeOf } from '../tensor/create.js';
import { formatShape, type Shape, sizeOf } from '../tensor/shape.js';
import type { Tensor, TensorLike } from '../tensor/tensor.js';
import { checkOut, done, into, type Out, operand, outLike } from './argument.js';
import type { Unary } from './elementwise.js';

const OPTIONS = ['out'];

/**
 * e^x / Σ e^x over the last axis, computed from x − max x. A row of -Inf only, with +Inf or with NaN is NaN; the
 * others are not touched by it. `out` may be x.
 */
export const softmax = rowwise('softmax', 'softmax_forward');

/** x − log Σ e^x over the last axis, without the loss of log(softmax(x)) where a probability is 0. */
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
    const shape = shapeOf(x, where, 'x');
    const size = sizeOf(shape);
    const cols = lastDimension(shape, where);
    checkOut(out, shape, size, where);
    const input = operand(x, shape, where);
    try {
      return into(out, shape, size, where, (y) => {
        if (size > 0) engine.wasm[kernel](y.storage.offset, input.storage.offset, size / cols, cols);
      });
    } finally {
      done(input, x);
    }
  }) as Unary;
}

function lastDimension(shape: Shape, where: string): number {
  if (shape.length > 0) return shape[shape.length - 1]!;
  throw new ShapeError(`${where}: expected x with at least one axis, got shape ${formatShape(shape)}`);
}
