import { checkNumber } from '../engine/check.js';
import { engine } from '../engine/engine.js';
import { ShapeError } from '../engine/errors.js';
import { isNumericArray, type NumericArray, notice, retake, shapeOfNested, takeValues } from './nested.js';
import { checkedSize, formatShape, lengthOf, type Shape, sizeOf, toShape } from './shape.js';
import { allocate, allocateChecked, isValid, offsetOf, Tensor, type TensorLike } from './tensor.js';

/**
 * A tensor with a copy of `data`: a number, nested arrays, a typed array or another tensor. By default it has the shape of
 * `data` (a typed array is rank 1); another `shape` takes the values in row-major order.
 * @throws ShapeError when `shape` has another number of elements, RangeError for a dimension that is no integer in 0 … 2^32 - 1
 * @throws TypeError for ragged arrays and for elements that are not numbers
 * @throws StaleTensorError, DisposedError, OutOfMemoryError
 */
export function tensor(data: TensorLike, shape?: number | ArrayLike<number>): Tensor {
  const where = 'tensor';
  const given = shape === undefined ? undefined : toShape(shape, where);
  const natural = shapeOf(data, where, 'data');
  const wanted = given ?? natural;
  if (sizeOf(wanted) !== sizeOf(natural)) {
    throw new ShapeError(
      `${where}: expected ${sizeOf(wanted)} elements for shape ${formatShape(wanted)}, got ${sizeOf(natural)}`,
    );
  }
  const result = allocate(wanted, checkedSize(wanted, where), where);
  write(data, natural, result.storage.offset);
  return result;
}

/** A tensor of zeros. @throws RangeError for a dimension that is no integer in 0 … 2^32 - 1, OutOfMemoryError */
export function zeros(shape: number | ArrayLike<number>): Tensor {
  return filled(shape, 0, 'zeros');
}

/** A tensor of ones. @throws RangeError for a dimension that is no integer in 0 … 2^32 - 1, OutOfMemoryError */
export function ones(shape: number | ArrayLike<number>): Tensor {
  return filled(shape, 1, 'ones');
}

/** A tensor in which every element is `value`. @throws RangeError for a dimension that is no integer in 0 … 2^32 - 1, OutOfMemoryError */
export function full(shape: number | ArrayLike<number>, value: number): Tensor {
  checkNumber(value, 'value', 'full');
  return filled(shape, value, 'full');
}

function filled(shape: number | ArrayLike<number>, value: number, where: string): Tensor {
  const result = allocateChecked(shape, where);
  const start = result.storage.offset >>> 2;
  engine.f32.fill(value, start, start + result.size);
  return result;
}

/**
 * `x` itself if it is a Tensor, in whatever state, else a new tensor with a copy of its values: for the inputs of layers of your
 * own. @throws TypeError for ragged arrays and for elements that are not numbers, OutOfMemoryError
 */
export function toTensor(x: TensorLike): Tensor {
  return x instanceof Tensor ? x : adopted(x, shapeOf(x, 'toTensor', 'x'), 'toTensor');
}

/** {@link toTensor} of an argument whose shape is known from {@link shapeOf}. @internal */
export function adopted(x: TensorLike, shape: Shape, where: string): Tensor {
  if (x instanceof Tensor) return x;
  const result = allocate(shape, checkedSize(shape, where), where);
  write(x, shape, result.storage.offset);
  return result;
}

/**
 * The shape of an argument, everything about it checked, nothing copied.
 * @internal
 * @throws TypeError, StaleTensorError, DisposedError
 */
export function shapeOf(x: TensorLike, where: string, name: string): Shape {
  if (x instanceof Tensor) {
    if (!isValid(x)) offsetOf(x, `${where}: ${name}`); // throws the reason
    return x.shape;
  }
  if (isNumericArray(x, where)) return Object.freeze([lengthOf(notice(x))]);
  return shapeOfNested(x, where, name);
}

/** Copies a checked argument to the byte offset `at`; `shape` is the one that {@link shapeOf} gave. @internal */
export function write(x: TensorLike, shape: Shape, at: number): void {
  if (x instanceof Tensor) engine.copy(at, x.storage.offset, x.size);
  else if (typeof x === 'number') engine.f32[at >>> 2] = x;
  else if (!ArrayBuffer.isView(x)) engine.f32.set(takeValues(shape), at >>> 2);
  // A view of length 0 may be detached since: its length does not tell.
  else if (shape[0]! > 0) engine.f32.set(retake(x as NumericArray, shape[0]!), at >>> 2);
}
