import { checkOptions } from '../engine/check.js';
import { engine } from '../engine/engine.js';
import { shapeOf } from '../tensor/create.js';
import { broadcastShapes, checkedSize, type Shape, sameShape } from '../tensor/shape.js';
import { allocate, isValid, Tensor, type TensorLike } from '../tensor/tensor.js';
import { checkOut, intoFromBoth, type Out } from './argument.js';
import { stridesIn, Walk } from './walk.js';

type BinaryKernel =
  | 'add_forward'
  | 'sub_forward'
  | 'mul_forward'
  | 'div_forward'
  | 'maximum_forward'
  | 'minimum_forward';

const OPTIONS = ['out'];

/**
 * An elementwise function of two tensors, with NumPy's broadcasting. The result goes to `out`, which may be an operand of the
 * result's shape, or to a new tensor. @throws ShapeError when the shapes do not broadcast, or `out` has another shape
 */
export interface Binary {
  (a: TensorLike, b: TensorLike, options?: { out?: Tensor | undefined }): Tensor;
  (a: TensorLike, b: TensorLike, options: { out: Float32Array }): Float32Array;
  (a: TensorLike, b: TensorLike, options?: { out?: Out | undefined }): Out;
}

/** a + b */
export const add = binary('add_forward');
/** a − b */
export const sub = binary('sub_forward');
/** a · b, elementwise */
export const mul = binary('mul_forward');
/** a / b; x / 0 is ±Inf or NaN, as IEEE 754 has it */
export const div = binary('div_forward');
/** The larger of a and b; NaN if either is. */
export const maximum = binary('maximum_forward');
/** The smaller of a and b; NaN if either is. */
export const minimum = binary('minimum_forward');

function binary(kernel: BinaryKernel): Binary {
  const where = kernel.replace('_forward', '');
  return ((a: TensorLike, b: TensorLike, options?: { out?: Out | undefined }) => {
    checkOptions(options, OPTIONS, where);
    const out = options?.out;
    return direct(where, kernel, a, b, out) ?? general(where, kernel, a, b, out);
  }) as Binary;
}

/**
 * The usual call: a tensor and another that it need not be broadcast to, or a number, into a tensor. Undefined, and nothing
 * done, for every other call, right or wrong.
 */
function direct(where: string, kernel: BinaryKernel, a: TensorLike, b: TensorLike, out?: Out): Tensor | undefined {
  const like = typeof a === 'number' ? b : a;
  if (!(like instanceof Tensor) || !isValid(like)) return undefined;
  const { shape, size } = like;
  if (out !== undefined && !(out instanceof Tensor && isValid(out) && sameShape(out.shape, shape))) return undefined;
  let rows = 1;
  let cols = size;
  let bRow = 0;
  let bStep = 1;
  if (typeof b === 'number') bStep = 0;
  else if (b !== like) {
    if (!(b instanceof Tensor) || !isValid(b)) return undefined;
    if (isTail(b.shape, shape)) {
      cols = b.size;
      rows = (size / cols) | 0;
    } else if (isColumn(b.shape, shape)) {
      cols = shape[1]!;
      rows = b.size;
      bRow = 1;
      bStep = 0;
    } else return undefined;
  }
  // By hand what `into` does, as in matmul.
  const y = out ?? allocate(shape, size, where);
  y.storage.version++; // first: if a thread fails, part of y has changed all the same
  try {
    const from = typeof a === 'number' ? engine.scalar(a) : like.storage.offset;
    const at = typeof b === 'number' ? engine.scalar(b) : (b as Tensor).storage.offset;
    // biome-ignore format: one line
    engine.kernels(size)[kernel](y.storage.offset, from, at, rows, cols, a === like ? cols : 0, a === like ? 1 : 0, bRow, bStep);
  } catch (error) {
    if (out === undefined) y.dispose();
    throw error;
  }
  return y;
}

function general(where: string, kernel: BinaryKernel, a: TensorLike, b: TensorLike, out: Out | undefined): Out {
  const shapeA = shapeOf(a, where, 'a');
  const shapeB = shapeOf(b, where, 'b');
  const shape = broadcastShapes(shapeA, shapeB, where);
  const size = checkedSize(shape, where);
  checkOut(out, shape, size, where);
  // An operand on the memory of out is as large: it is not broadcast, and its elements are read before they are written.
  return intoFromBoth(a, shapeA, b, shapeB, out, shape, size, where, (y, left, right) =>
    applyBinary(kernel, y, left, right),
  );
}

/** y = kernel(a, b) where the shapes of a and b broadcast to y's; unchecked. @internal */
export function applyBinary(kernel: BinaryKernel, y: Tensor, a: Tensor, b: Tensor): void {
  if (y.size === 0) return;
  const call = engine.kernels(y.size);
  const yAt = y.storage.offset;
  const aAt = a.storage.offset;
  const bAt = b.storage.offset;
  if (a.size === y.size && isTail(b.shape, y.shape)) {
    const cols = b.size;
    call[kernel](yAt, aAt, bAt, y.size / cols, cols, cols, 1, 0, 1);
    return;
  }
  if (y.shape.length === 2 && y.shape[1] !== 1) {
    const [rows, cols] = y.shape as [number, number];
    const aCols = a.shape.length > 0 ? a.shape[a.shape.length - 1]! : 1;
    const bCols = b.shape.length > 0 ? b.shape[b.shape.length - 1]! : 1;
    const aRow = a.size === aCols ? 0 : aCols;
    const bRow = b.size === bCols ? 0 : bCols;
    call[kernel](yAt, aAt, bAt, rows, cols, aRow, aCols === 1 ? 0 : 1, bRow, bCols === 1 ? 0 : 1);
    return;
  }
  const walk = new Walk(y.shape, stridesIn(a.shape, y.shape), stridesIn(b.shape, y.shape), 2);
  const { dims, p, q } = walk;
  const rows = dims[1]!;
  const cols = dims[0]!;
  let to = yAt;
  do {
    call[kernel](to, aAt + walk.pStart * 4, bAt + walk.qStart * 4, rows, cols, p[1]!, p[0]!, q[1]!, q[0]!);
    to += rows * cols * 4;
  } while (walk.next());
}

/** Whether a shape is the last dimensions of another: a bias to its rows. */
function isTail(tail: Shape, shape: Shape): boolean {
  const skipped = shape.length - tail.length;
  for (let i = tail.length - 1; i >= 0; i--) if (tail[i] !== shape[skipped + i]) return false;
  return true;
}

/** Whether a shape is one number for each row of a matrix of the other. */
function isColumn(column: Shape, shape: Shape): boolean {
  return shape.length === 2 && column.length === 2 && column[0] === shape[0] && column[1] === 1;
}
