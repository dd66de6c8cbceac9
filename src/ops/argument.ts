import { typeError } from '../engine/check.js';
import { AliasError, ShapeError } from '../engine/errors.js';
import { write } from '../tensor/create.js';
import { isFloat32Array, notice, retake } from '../tensor/nested.js';
import { checkedSize, checkShape, lengthOf, type Shape, sameShape } from '../tensor/shape.js';
import { Storage } from '../tensor/storage.js';
import { allocate, isValid, offsetOf, Tensor, type TensorLike, valuesOf } from '../tensor/tensor.js';

/**
 * `out`, for the usual call of an elementwise function: x and `out` are valid Tensors of one shape, so nothing is left to
 * check. `undefined` for every other call, valid or not.
 */
export function outLike(x: TensorLike, out: Out | undefined): Tensor | undefined {
  if (!(x instanceof Tensor) || !(out instanceof Tensor)) return undefined;
  return isValid(x) && isValid(out) && sameShape(x.shape, out.shape) ? out : undefined;
}

/** Where a result goes instead of into a new tensor: a Tensor of its shape, or a Float32Array of its length. */
export type Out = Tensor | Float32Array;

/**
 * A tensor for the inside of one call; its maker disposes it.
 * @throws OutOfMemoryError
 */
export function temporary(shape: Shape, size: number, where: string): Tensor {
  return new Tensor(new Storage(size * 4, where), shape, size, 0);
}

/** The argument itself where it is a Tensor, else a temporary with its values. `shape` is what shapeOf gave for it. */
export function operand(x: TensorLike, shape: Shape, where: string): Tensor {
  if (x instanceof Tensor) {
    offsetOf(x, where); // again: a getter among the elements of another argument may have disposed it
    return x;
  }
  const copy = temporary(shape, checkedSize(shape, where), where);
  write(x, shape, copy.storage.offset);
  return copy;
}

/** Disposes what {@link operand} made for `x`. */
export function done(t: Tensor | undefined, x: TensorLike): void {
  if (t !== undefined && t !== x) t.dispose();
}

/** Checks `out` against the shape of the result, before anything is computed. */
export function checkOut(out: Out | undefined, shape: Shape, size: number, where: string): void {
  if (out === undefined) return;
  if (out instanceof Tensor) {
    offsetOf(out, where);
    checkShape(out.shape, shape, 'out', where);
  } else if (isFloat32Array(out, where)) {
    if (lengthOf(out) !== size) {
      throw new ShapeError(`${where}: expected out of length ${size}, got ${lengthOf(out)}`);
    }
    notice(out);
  } else {
    throw typeError(where, 'out to be a Tensor or a Float32Array', out);
  }
}

/**
 * Runs `compute` into `out`, or into a new tensor, and returns it. A Float32Array may lie in our own
 * memory or overlap an input: it is filled from a temporary.
 */
export function into(
  out: Out | undefined,
  shape: Shape,
  size: number,
  where: string,
  compute: (y: Tensor) => void,
): Out {
  if (out instanceof Tensor) {
    out.storage.version++; // first: if a thread fails in `compute`, part of `out` has changed all the same
    compute(out);
    return out;
  }
  const y = out === undefined ? allocate(shape, size, where) : temporary(shape, size, where);
  try {
    compute(y);
    if (out === undefined) return y;
    if (size > 0) {
      out = retake(out, size);
      out.set(valuesOf(y));
    }
  } catch (error) {
    y.dispose(); // out of scratch, say
    throw error;
  }
  y.dispose();
  return out;
}

/** {@link into} for a function of one argument, whose shape is `from`. */
export function intoFrom(
  x: TensorLike,
  from: Shape,
  out: Out | undefined,
  shape: Shape,
  size: number,
  where: string,
  compute: (y: Tensor, x: Tensor) => void,
): Out {
  const input = operand(x, from, where);
  try {
    return into(out, shape, size, where, (y) => compute(y, input));
  } finally {
    done(input, x);
  }
}

/** {@link into} for a function of two arguments, whose shapes are `shapeA` and `shapeB`. */
export function intoFromBoth(
  a: TensorLike,
  shapeA: Shape,
  b: TensorLike,
  shapeB: Shape,
  out: Out | undefined,
  shape: Shape,
  size: number,
  where: string,
  compute: (y: Tensor, a: Tensor, b: Tensor) => void,
): Out {
  const left = operand(a, shapeA, where);
  try {
    return intoFrom(b, shapeB, out, shape, size, where, (y, right) => compute(y, left, right));
  } finally {
    done(left, a);
  }
}

/** @throws AliasError when `out` stands on the memory of an input */
export function checkAlias(out: Out | undefined, input: TensorLike, where: string): void {
  if (out instanceof Tensor && input instanceof Tensor && out.storage === input.storage) {
    throw new AliasError(
      `${where}: out has the memory of an input, which this operation still reads; pass another out`,
    );
  }
}
