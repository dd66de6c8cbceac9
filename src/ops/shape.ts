import { checkNumber, checkOptions, typeError } from '../engine/check.js';
import { engine } from '../engine/engine.js';
import { ShapeError } from '../engine/errors.js';
import { shapeOf } from '../tensor/create.js';
import { isNumericArray } from '../tensor/nested.js';
import { around, checkedSize, formatShape, shapeError, sizeOf, toAxis, toShape, withLength } from '../tensor/shape.js';
import { isValid, Tensor, type TensorLike } from '../tensor/tensor.js';
import { checkAlias, checkOut, done, into, intoFrom, type Out, operand } from './argument.js';
import { readIndices } from './indices.js';
import { stridesIn, Walk } from './walk.js';

/**
 * The entries of `x` at `indices` along `axis` (default 0), in that order and as often as they are named: a
 * mini-batch is `take(x, batch)`.
 * @throws RangeError for an index that is no integer in 0 … length - 1, or an axis that x does not have
 * @throws ShapeError when `out` has another shape than the result, AliasError when it has the memory of x
 */
export function take(
  x: TensorLike,
  indices: ArrayLike<number>,
  options?: { axis?: number | undefined; out?: Tensor | undefined },
): Tensor;
export function take(
  x: TensorLike,
  indices: ArrayLike<number>,
  options: { axis?: number | undefined; out: Float32Array },
): Float32Array;
export function take(
  x: TensorLike,
  indices: ArrayLike<number>,
  options?: { axis?: number | undefined; out?: Out | undefined },
): Out;
export function take(
  x: TensorLike,
  indices: ArrayLike<number>,
  options?: { axis?: number | undefined; out?: Out | undefined },
): Out {
  const where = 'take';
  checkOptions(options, ['axis', 'out'], where);
  const from = shapeOf(x, where, 'x');
  const axis = toAxis(axisOf(options), from.length, where);
  const checked = checkIndices(indices, from[axis]!, where);
  const count = checked.length;
  const shape = withLength(from, axis, count);
  const size = checkedSize(shape, where);
  const out = options?.out;
  checkOut(out, shape, size, where);
  checkAlias(out, x, where);
  const at = engine.scratch(count * 4, where); // before `out` counts as written
  const [outer, length, inner] = around(from, axis, axis + 1);
  return intoFrom(x, from, out, shape, size, where, (y, input) => {
    engine.i32.set(checked, at >>> 2);
    if (size > 0) engine.wasm.gather(y.storage.offset, input.storage.offset, at, count, outer, length, inner);
  });
}

/**
 * A copy with the axes in another order: axis i of the result is axis `axes[i]` of x; without `axes`, in reverse order.
 * @throws ShapeError unless `axes` has an entry for each axis of x, RangeError unless each axis occurs once
 */
export function transpose(x: TensorLike, axes?: readonly number[]): Tensor {
  const where = 'transpose';
  const from = shapeOf(x, where, 'x');
  if (axes === undefined && from.length === 2 && x instanceof Tensor) return transpose2d(x, where);
  const order = axes === undefined ? from.map((_, i) => from.length - 1 - i) : checkAxes(axes, from.length, where);
  const shape = Object.freeze(order.map((axis) => from[axis]!));
  return intoFrom(x, from, undefined, shape, sizeOf(shape), where, (y, input) => permute(y, input, order)) as Tensor;
}

/** The usual one, without a walk over the axes: a third of the time where x is small. */
function transpose2d(x: Tensor, where: string): Tensor {
  const [rows, cols] = x.shape as [number, number];
  return into(undefined, Object.freeze([cols, rows]), x.size, where, (y) => {
    if (x.size > 0) engine.wasm.transpose2d(y.storage.offset, x.storage.offset, rows, cols, cols, rows);
  }) as Tensor;
}

/**
 * Tensors one after the other along `axis` (default 0); their other dimensions must be equal.
 * @throws ShapeError when they are not, TypeError when there is no tensor, RangeError for an axis that they do not have
 */
export function concat(tensors: readonly TensorLike[], options?: { axis?: number | undefined }): Tensor {
  const where = 'concat';
  checkOptions(options, ['axis'], where);
  if (!Array.isArray(tensors) || tensors.length === 0) {
    throw typeError(where, 'an array of at least one tensor', tensors);
  }
  const xs: readonly TensorLike[] = [...tensors]; // read once: an element may have a getter
  const shapes = xs.map((x, i) => (x instanceof Tensor && isValid(x) ? x.shape : shapeOf(x, where, `tensors[${i}]`)));
  const first = shapes[0]!;
  const axis = toAxis(axisOf(options), first.length, where);
  let length = 0;
  for (const shape of shapes) {
    if (shape.length !== first.length || shape.some((d, j) => j !== axis && d !== first[j])) {
      const name = `tensors[${shapes.indexOf(shape)}]`;
      throw shapeError(where, `${name} to agree with ${formatShape(first)} outside axis ${axis}`, shape);
    }
    length += shape[axis]!;
  }
  const shape = toShape(withLength(first, axis, length), where);
  const size = checkedSize(shape, where);
  const [outer, , inner] = around(first, axis, axis + 1);
  return into(undefined, shape, size, where, (y) => {
    let to = y.storage.offset;
    for (let i = 0; i < xs.length; i++) {
      const x = xs[i]!;
      const run = shapes[i]![axis]! * inner;
      const input = operand(x, shapes[i]!, where);
      try {
        if (run > 0) engine.wasm.copy_strided(to, length * inner, input.storage.offset, run, run, outer);
      } finally {
        done(input, x);
      }
      to += run * 4;
    }
  }) as Tensor;
}

/**
 * Entries begin … end - 1 along `axis` (default 0), as `Array.prototype.slice` counts: negative from the end, clamped
 * to the length. A copy.
 * @throws RangeError for a bound that is no integer, or an axis that x does not have
 */
export function slice(x: TensorLike, begin: number, end?: number, options?: { axis?: number | undefined }): Tensor {
  const where = 'slice';
  checkOptions(options, ['axis'], where);
  const from = shapeOf(x, where, 'x');
  const axis = toAxis(axisOf(options), from.length, where);
  const [outer, length, inner] = around(from, axis, axis + 1);
  const start = position(begin, length, 'begin', where);
  const stop = Math.max(start, end === undefined ? length : position(end, length, 'end', where));
  const shape = withLength(from, axis, stop - start);
  return intoFrom(x, from, undefined, shape, sizeOf(shape), where, (y, input) => {
    const run = (stop - start) * inner;
    const first = input.storage.offset + start * inner * 4;
    if (run > 0) engine.wasm.copy_strided(y.storage.offset, run, first, length * inner, run, outer);
  }) as Tensor;
}

/** The axis option; `undefined` is 0, `null` is an error later. */
function axisOf(options: { axis?: number | undefined } | undefined): unknown {
  const { axis = 0 } = options ?? {};
  return axis;
}

function permute(y: Tensor, x: Tensor, order: readonly number[]): void {
  if (y.size === 0) return;
  const own = stridesIn(x.shape, x.shape);
  const strides = order.map((axis) => own[axis]!);
  const walk = new Walk(y.shape, strides, strides, 4);
  const [d3, d2, d1, d0] = walk.dims as [number, number, number, number];
  const [s3, s2, s1, s0] = walk.p as [number, number, number, number];
  const size = d0 * d1 * d2 * d3;
  let to = y.storage.offset;
  do {
    const from = x.storage.offset + walk.pStart * 4;
    if (size === d2 * d3 && s2 === 1) engine.wasm.transpose2d(to, from, d3, d2, s3, d3);
    else engine.wasm.permute(to, from, d0, d1, d2, d3, s0, s1, s2, s3);
    to += size * 4;
  } while (walk.next());
}

function checkAxes(axes: unknown, rank: number, where: string): number[] {
  if (!Array.isArray(axes)) throw typeError(where, 'axes to be an array', axes);
  const order = Array.from(axes, (axis) => toAxis(axis, rank, where));
  if (order.length !== rank) throw new ShapeError(`${where}: expected ${rank} axes, got ${order.length}`);
  if (new Set(order).size !== rank) throw new RangeError(`${where}: expected each axis once, got [${axes.join(', ')}]`);
  return order;
}

/** A copy, so that the indices stay what was checked. */
function checkIndices(indices: unknown, length: number, where: string): Int32Array {
  if (!Array.isArray(indices) && !isNumericArray(indices, where)) {
    throw typeError(where, 'indices to be an array of integers', indices);
  }
  const copy = new Int32Array(indices.length);
  readIndices(indices, copy.length, copy, length, 'index', where);
  return copy;
}

function position(value: unknown, length: number, name: string, where: string): number {
  checkNumber(value, name, where);
  if (!Number.isInteger(value)) throw new RangeError(`${where}: expected ${name} to be an integer, got ${value}`);
  return Math.min(Math.max(value < 0 ? value + length : value, 0), length);
}
