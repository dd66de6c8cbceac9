import { checkOptions, flag } from '../engine/check.js';
import { engine } from '../engine/engine.js';
import { ShapeError } from '../engine/errors.js';
import { shapeOf } from '../tensor/create.js';
import {
  around,
  broadcastShapes,
  checkedSize,
  formatShape,
  SCALAR,
  type Shape,
  sameShape,
  sizeOf,
  toAxis,
  toShape,
} from '../tensor/shape.js';
import { allocate, type Tensor, type TensorLike } from '../tensor/tensor.js';
import type { Kernels } from '../wasm/generated/kernels.js';
import { done, intoFrom, operand, temporary } from './argument.js';

export interface ReduceOptions {
  /** The axis or axes to reduce; negative ones count from the end. Default: all. */
  axis?: number | readonly number[] | undefined;
  /** Keep the reduced axes, with length 1; default `false`. */
  keepDims?: boolean | undefined;
}

type ReduceKernel = 'sum_reduce' | 'max_reduce' | 'min_reduce';

export interface ArgmaxOptions {
  /** The axis to search along; a negative one counts from the end. Default: all elements as one row. */
  axis?: number | undefined;
  /** Changes nothing, since indices come as a flat array. */
  keepDims?: boolean | undefined;
}

const OPTIONS = ['axis', 'keepDims'];

/**
 * Sum over `axis`; the sum of nothing is 0. Short blocks are added in float32, the blocks in float64: along one axis, or
 * neighbouring ones, the error is at most 2⁻²⁴·(41·Σ|x| + |sum|), however long, unless a block (256 elements) overflows.
 * @throws RangeError for an axis that x does not have, or that is given twice
 */
export function sum(x: TensorLike, options?: ReduceOptions): Tensor {
  return reduce('sum', 'sum_reduce', x, options, false);
}

/** Arithmetic mean over `axis`, as exact as {@link sum}; the mean of nothing is NaN. @throws RangeError as {@link sum} */
export function mean(x: TensorLike, options?: ReduceOptions): Tensor {
  return reduce('mean', 'sum_reduce', x, options, true);
}

/**
 * Largest element over `axis`; NaN if there is one.
 * @throws ShapeError over an empty axis, unless the result is empty too, RangeError as {@link sum}
 */
export function max(x: TensorLike, options?: ReduceOptions): Tensor {
  return reduce('max', 'max_reduce', x, options, false);
}

/** Smallest element over `axis`; NaN if there is one. @throws ShapeError, RangeError as {@link max} */
export function min(x: TensorLike, options?: ReduceOptions): Tensor {
  return reduce('min', 'min_reduce', x, options, false);
}

/**
 * Index of the largest element: the lowest on ties, the first NaN if there is one. Without `axis`: one number, the index in
 * the flattened tensor. @throws ShapeError for a tensor without elements
 */
export function argmax(x: TensorLike): number;
/**
 * With `axis`: the index along it for each remaining position, as a flat array in row-major order, so `keepDims` changes
 * nothing. @throws ShapeError over an empty axis, unless the result is empty too, RangeError for an axis that x does not have
 */
export function argmax(
  x: TensorLike,
  options: { axis: number; keepDims?: boolean | undefined },
): Int32Array<ArrayBuffer>;
export function argmax(x: TensorLike, options?: ArgmaxOptions): number | Int32Array<ArrayBuffer>;
export function argmax(x: TensorLike, options?: ArgmaxOptions): number | Int32Array<ArrayBuffer> {
  const where = 'argmax';
  checkOptions(options, OPTIONS, where);
  flag(options?.keepDims, false, 'keepDims', where);
  const shape = shapeOf(x, where, 'x');
  const axis = options?.axis === undefined ? undefined : toAxis(options.axis, shape.length, where);
  const [outer, length, inner] = axis === undefined ? [1, sizeOf(shape), 1] : around(shape, axis, axis + 1);
  const count = outer * inner;
  if (length === 0 && count > 0) throw emptyError(where, shape);
  const input = operand(x, shape, where);
  try {
    const at = engine.scratch(count * 4, where);
    if (count > 0) engine.wasm.argmax_reduce(at, input.storage.offset, outer, length, inner, inner);
    const result = engine.i32.slice(at >>> 2, (at >>> 2) + count) as Int32Array<ArrayBuffer>;
    return axis === undefined ? result[0]! : result;
  } finally {
    done(input, x);
  }
}

/**
 * Sums `x` over the axes that broadcasting `shape` to it would repeat: the backward of broadcasting.
 * @throws ShapeError when `shape` does not broadcast to that of x, RangeError for a dimension that is no integer in 0 … 2^32 - 1
 */
export function sumTo(x: TensorLike, shape: number | ArrayLike<number>): Tensor {
  const where = 'sumTo';
  const from = shapeOf(x, where, 'x');
  const to = toShape(shape, where);
  if (!sameShape(broadcastShapes(from, to, where), from)) {
    throw new ShapeError(`${where}: ${formatShape(to)} does not broadcast to ${formatShape(from)}`);
  }
  const size = checkedSize(to, where);
  return intoFrom(x, from, undefined, to, size, where, (y, input) => applySumTo(y, input, where)) as Tensor;
}

/** y = Σ x over what broadcasting y's shape to x's repeats; unchecked. @internal */
export function applySumTo(y: Tensor, x: Tensor, where: string): void {
  if (y.size === x.size) {
    engine.copy(y.storage.offset, x.storage.offset, x.size);
    return;
  }
  const added = x.shape.length - y.shape.length;
  const reduced = x.shape.map((_, i) => i < added || y.shape[i - added] === 1);
  applyReduce('sum_reduce', y, x, reduced, 1, where);
}

function reduce(
  where: string,
  kernel: ReduceKernel,
  x: TensorLike,
  options: ReduceOptions | undefined,
  average: boolean,
): Tensor {
  checkOptions(options, OPTIONS, where);
  const shape = shapeOf(x, where, 'x');
  const keepDims = flag(options?.keepDims, false, 'keepDims', where);
  const axis = options?.axis;
  if (axis === undefined || typeof axis === 'number') {
    const begin = axis === undefined ? 0 : toAxis(axis, shape.length, where);
    return reduceRun(where, kernel, x, shape, begin, axis === undefined ? shape.length : begin + 1, keepDims, average);
  }
  const reduced = reducedAxes(axis, shape.length, where);
  const count = sizeOf(shape.filter((_, i) => reduced[i]));
  const result = remaining(shape, (i) => reduced[i]!, keepDims);
  const size = checkedSize(result, where);
  if (count === 0 && size > 0 && kernel !== 'sum_reduce') throw emptyError(where, shape);
  return intoFrom(x, shape, undefined, result, size, where, (y, input) =>
    applyReduce(kernel, y, input, reduced, average ? count : 1, where),
  ) as Tensor;
}

/** What is left of a shape. */
function remaining(shape: Shape, isReduced: (axis: number) => boolean, keepDims: boolean): Shape {
  const left: number[] = [];
  for (let i = 0; i < shape.length; i++) {
    if (!isReduced(i)) left.push(shape[i]!);
    else if (keepDims) left.push(1);
  }
  return Object.freeze(left);
}

/** The usual reduction: over the neighbouring axes begin … end - 1, one kernel call. */
function reduceRun(
  where: string,
  kernel: ReduceKernel,
  x: TensorLike,
  shape: Shape,
  begin: number,
  end: number,
  keepDims: boolean,
  average: boolean,
): Tensor {
  const [outer, length, inner] = around(shape, begin, end);
  const all = end - begin === shape.length && !keepDims;
  const result = all ? SCALAR : remaining(shape, (i) => i >= begin && i < end, keepDims);
  const size = outer * inner;
  if (length === 0 && size > 0 && kernel !== 'sum_reduce') throw emptyError(where, shape);
  const input = operand(x, shape, where);
  let y: Tensor | undefined; // not by into(), whose closure takes as long as a small sum
  try {
    y = allocate(result, checkedSize(result, where), where);
    if (size > 0) callKernel(kernel, y, input, outer, length, inner, average ? length : 1);
    return y;
  } catch (error) {
    y?.dispose();
    throw error;
  } finally {
    done(input, x);
  }
}

/** y = the reduction of x over the marked axes, one kernel call for each run of neighbouring ones; unchecked. */
function applyReduce(
  kernel: ReduceKernel,
  y: Tensor,
  x: Tensor,
  reduced: readonly boolean[],
  divisor: number,
  where: string,
): void {
  if (y.size === 0) return;
  const { length } = x.shape;
  const left = runs(x.shape, reduced);
  reduceRuns(kernel, y, x, x.shape, left.length === 0 ? [[length, length]] : left, divisor, where);
}

/** The last run first. x [shape] may be the result of those behind it. */
function reduceRuns(
  kernel: ReduceKernel,
  y: Tensor,
  x: Tensor,
  shape: Shape,
  left: readonly Run[],
  divisor: number,
  where: string,
): void {
  const [begin, end] = left[left.length - 1]!;
  const [outer, length, inner] = around(shape, begin, end);
  if (left.length === 1) {
    callKernel(kernel, y, x, outer, length, inner, divisor);
    return;
  }
  const partial = temporary(SCALAR, outer * inner, where);
  try {
    callKernel(kernel, partial, x, outer, length, inner, 1);
    const rest = [...shape.slice(0, begin), ...shape.slice(end)];
    reduceRuns(kernel, y, partial, rest, left.slice(0, -1), divisor, where);
  } finally {
    partial.dispose();
  }
}

/** One kernel call: x [outer, length, inner] to y [outer, inner]; `divisor` is that of a sum. */
function callKernel(
  kernel: ReduceKernel,
  y: Tensor,
  x: Tensor,
  outer: number,
  length: number,
  inner: number,
  divisor: number,
): void {
  const run = engine.wasm[kernel] as Kernels['sum_reduce']; // the others ignore the last three arguments
  run(y.storage.offset, x.storage.offset, outer, length, inner, inner, divisor, 0, engine.packing);
}

/** Neighbouring axes: begin … end - 1. */
type Run = [begin: number, end: number];

/** The marked axes as runs of neighbours. */
function runs(shape: Shape, reduced: readonly boolean[]): Run[] {
  const found: Run[] = [];
  for (let i = 0; i < shape.length; i++) {
    if (!reduced[i]) continue;
    const last = found[found.length - 1];
    if (last !== undefined && last[1] === i) last[1]++;
    else found.push([i, i + 1]);
  }
  return found;
}

function reducedAxes(axis: unknown, rank: number, where: string): boolean[] {
  const marks: boolean[] = new Array(rank).fill(false);
  for (const one of Array.isArray(axis) ? axis : [axis]) {
    const at = toAxis(one, rank, where);
    if (marks[at]) throw new RangeError(`${where}: axis ${one} is given twice`);
    marks[at] = true;
  }
  return marks;
}

function emptyError(where: string, shape: Shape): ShapeError {
  return new ShapeError(`${where}: expected at least one element to choose from, got shape ${formatShape(shape)}`);
}

/** y[cols] (+)= Σ over the rows of x [rows, cols]; byte offsets, unchecked. @internal */
export function applyColumnSum(y: number, x: number, rows: number, cols: number, accumulate: boolean): void {
  engine.wasm.sum_reduce(y, x, 1, rows, cols, cols, 1, accumulate ? 1 : 0, engine.packing);
}
