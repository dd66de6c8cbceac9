import { checkOptions } from '../engine/check.js';
import { engine } from '../engine/engine.js';
import { shapeOf } from '../tensor/create.js';
import { shapeError, sizeOf } from '../tensor/shape.js';
import type { Tensor, TensorLike } from '../tensor/tensor.js';
import { checkOut, intoFrom, type Out, outLike } from './argument.js';

type UnaryKernel =
  | 'relu_forward'
  | 'sigmoid_forward'
  | 'tanh_forward'
  | 'exp_forward'
  | 'log_forward'
  | 'sqrt_forward'
  | 'neg_forward'
  | 'abs_forward';

const OPTIONS = ['out'];

/** A function of one tensor. The result has the shape of x and goes to `out`, which may be x, or to a new tensor. */
export interface Unary {
  (x: TensorLike, options?: { out?: Tensor | undefined }): Tensor;
  (x: TensorLike, options: { out: Float32Array }): Float32Array;
  (x: TensorLike, options?: { out?: Out | undefined }): Out;
}

/** max(x, 0). NaN stays NaN; the gradient at 0 is 0 (book, 5.5.1). */
export const relu = unary('relu_forward');
/** 1 / (1 + e^-x), within 3 ULP, denormal results kept; ±Inf give 1 and 0. */
export const sigmoid = unary('sigmoid_forward');
/** Hyperbolic tangent, within 2 ULP; -0 and denormals are kept. */
export const tanh = unary('tanh_forward');
/** e^x, within 2 ULP, denormal results kept; Inf from 88.7229 on. */
export const exp = unary('exp_forward');
/** Natural logarithm, within 2 ULP; log 0 = -Inf, NaN below 0. */
export const log = unary('log_forward');
/** Square root, correctly rounded; NaN below 0. */
export const sqrt = unary('sqrt_forward');
/** -x: the sign bit flipped. */
export const neg = unary('neg_forward');
/** |x|: the sign bit cleared. */
export const abs = unary('abs_forward');

function unary(kernel: UnaryKernel): Unary {
  const where = kernel.replace('_forward', '');
  return ((x: TensorLike, options?: { out?: Out | undefined }) => {
    checkOptions(options, OPTIONS, where);
    const out = options?.out;
    const y = outLike(x, out);
    if (y === undefined) return elementwise(where, x, out, (y, input) => applyUnary(kernel, y, input));
    y.storage.version++;
    applyUnary(kernel, y, x as Tensor);
    return y;
  }) as Unary;
}

/** Checks x, of so many axes at least, and out, and computes into out or a new tensor. @internal */
export function elementwise(
  where: string,
  x: TensorLike,
  out: Out | undefined,
  apply: (y: Tensor, x: Tensor) => void,
  least = 0,
): Out {
  const shape = shapeOf(x, where, 'x');
  if (shape.length < least) throw shapeError(where, 'x with at least one axis', shape);
  const size = sizeOf(shape);
  checkOut(out, shape, size, where);
  return intoFrom(x, shape, out, shape, size, where, apply);
}

/** y = kernel(x), unchecked. @internal */
export function applyUnary(kernel: UnaryKernel, y: Tensor, x: Tensor): void {
  engine.kernels(x.size)[kernel](y.storage.offset, x.storage.offset, x.size);
}

/** dx = dout where y > 0 (or NaN), else 0; unchecked. @internal */
export function reluBackward(dx: Tensor, dout: Tensor, y: Tensor): void {
  engine.kernels(y.size).relu_backward(dx.storage.offset, dout.storage.offset, y.storage.offset, y.size);
}

/** dx = dout · y · (1 − y); unchecked. @internal */
export function sigmoidBackward(dx: Tensor, dout: Tensor, y: Tensor): void {
  engine.kernels(y.size).sigmoid_backward(dx.storage.offset, dout.storage.offset, y.storage.offset, y.size);
}
