import { checkOptions, flag } from '../engine/check.js';
import { ShapeError } from '../engine/errors.js';
import { shapeOf } from '../tensor/create.js';
import { broadcastShapes, checkedSize, formatShape, SCALAR, type Shape, sizeOf } from '../tensor/shape.js';
import { allocateChecked, isValid, Tensor, type TensorLike } from '../tensor/tensor.js';
import { checkAlias, checkOut, intoFromBoth, type Out } from './argument.js';
import { gemm } from './gemm.js';
import { stridesIn, Walk } from './walk.js';

export interface MatmulOptions<O extends Out = Tensor> {
  /** Use aᵀ: the last two axes swapped. A vector is not changed by it. */
  transposeA?: boolean | undefined;
  /** Use bᵀ, likewise. */
  transposeB?: boolean | undefined;
  /** Where the result goes instead of into a new tensor: a Tensor of its shape, a Float32Array of its length. */
  out?: O | undefined;
}

const OPTIONS = ['transposeA', 'transposeB', 'out'];

/** One product [m, k]·[k, n] for each combination of leading axes. */
interface Plan {
  m: number;
  n: number;
  k: number;
  batch: Shape;
  shape: Shape;
}

/**
 * Matrix product, as NumPy's `matmul`: [M, K]·[K, N] → [M, N], leading axes broadcast, a vector counts as a row on
 * the left and as a column on the right, and that axis is left out of the result. K = 0 gives zeros. Sums are float32:
 * partial sums of up to 512 terms each, which are then added. The error is at most about
 * 2⁻²⁴·(min(K, 512) + K / 512)·Σ|a||b|, and where signs vary a few times 2⁻²³·Σ|a||b|. A product of up to 20 rows, or of one
 * column, may add its terms in another order than a larger one: a row of it may then differ in the last bits.
 * @throws ShapeError when the inner dimensions differ, leading axes do not broadcast, an operand is 0-d or `out` has another shape
 * @throws AliasError when `out` has the memory of an operand
 */
export function matmul(a: TensorLike, b: TensorLike, options?: MatmulOptions): Tensor;
export function matmul(a: TensorLike, b: TensorLike, options: MatmulOptions<Float32Array>): Float32Array;
export function matmul(a: TensorLike, b: TensorLike, options?: MatmulOptions<Out>): Out;
export function matmul(a: TensorLike, b: TensorLike, options?: MatmulOptions<Out>): Out {
  const where = 'matmul';
  checkOptions(options, OPTIONS, where);
  const transposeA = flag(options?.transposeA, false, 'transposeA', where);
  const transposeB = flag(options?.transposeB, false, 'transposeB', where);
  const ready = matrixInto(a, b, transposeA, transposeB, options?.out);
  if (ready !== undefined) return ready;
  const shapeA = shapeOf(a, where, 'a');
  const shapeB = shapeOf(b, where, 'b');
  const plan = planProduct(shapeA, shapeB, transposeA, transposeB, where);
  const size = checkedSize(plan.shape, where);
  const out = options?.out;
  checkOut(out, plan.shape, size, where);
  checkAlias(out, a, where);
  checkAlias(out, b, where);
  return intoFromBoth(a, shapeA, b, shapeB, out, plan.shape, size, where, (y, left, right) =>
    multiply(y, left, right, plan, shapeA.length > 1 && transposeA, shapeB.length > 1 && transposeB),
  );
}

/**
 * The usual call: two matrices into a third, which may be a new one. Undefined, and nothing done, for every other call, right
 * or wrong.
 */
function matrixInto(
  a: TensorLike,
  b: TensorLike,
  transposeA: boolean,
  transposeB: boolean,
  out: Out | undefined,
): Tensor | undefined {
  if (!(a instanceof Tensor) || !(b instanceof Tensor) || a.rank !== 2 || b.rank !== 2) return undefined;
  if (!isValid(a) || !isValid(b)) return undefined;
  const ldA = a.shape[1]!;
  const ldB = b.shape[1]!;
  const m = transposeA ? ldA : a.shape[0]!;
  const k = transposeA ? a.shape[0]! : ldA;
  const n = transposeB ? b.shape[0]! : ldB;
  if (k !== (transposeB ? ldB : b.shape[0]!)) return undefined;
  if (out !== undefined) {
    if (!(out instanceof Tensor) || !isValid(out) || out.rank !== 2) return undefined;
    if (m !== out.shape[0]! || n !== out.shape[1]!) return undefined;
    if (out.storage === a.storage || out.storage === b.storage) return undefined;
  }
  // By hand what `into` does: a closure here takes as long as a small product.
  const y = out ?? allocateChecked([m, n], 'matmul');
  y.storage.version++; // first: if a thread fails, part of y has changed all the same
  try {
    // biome-ignore format: one line
    gemm(transposeA, transposeB, m, n, k, 1, a.storage.offset, ldA, b.storage.offset, ldB, 0, y.storage.offset, n, 0, 0);
  } catch (error) {
    if (out === undefined) y.dispose();
    throw error;
  }
  return y;
}

function planProduct(a: Shape, b: Shape, transposeA: boolean, transposeB: boolean, where: string): Plan {
  if (a.length === 0 || b.length === 0) {
    throw new ShapeError(`${where}: expected at least one axis, got ${formatShape(a)} and ${formatShape(b)}`);
  }
  const [m, k] = matrixOf(a, transposeA, 'row');
  const [inner, n] = matrixOf(b, transposeB, 'column');
  if (k !== inner) {
    const marks = `${transposeA ? 'ᵀ' : ''} · ${formatShape(b)}${transposeB ? 'ᵀ' : ''}`;
    throw new ShapeError(`${where}: inner dimensions differ: ${formatShape(a)}${marks} (${k} and ${inner})`);
  }
  const batch = a.length <= 2 && b.length <= 2 ? SCALAR : broadcastShapes(a.slice(0, -2), b.slice(0, -2), where, a, b);
  const shape = [...batch];
  if (a.length > 1) shape.push(m);
  if (b.length > 1) shape.push(n);
  return { m, n, k, batch, shape: Object.freeze(shape) };
}

function matrixOf(shape: Shape, transposed: boolean, vector: 'row' | 'column'): [number, number] {
  const last = shape[shape.length - 1]!;
  if (shape.length === 1) return vector === 'row' ? [1, last] : [last, 1];
  const before = shape[shape.length - 2]!;
  return transposed ? [last, before] : [before, last];
}

function multiply(y: Tensor, a: Tensor, b: Tensor, plan: Plan, transposeA: boolean, transposeB: boolean): void {
  if (y.size === 0) return;
  const { n, k, batch } = plan;
  // One product of all rows: the leading axes of a are rows too.
  const single = b.rank <= 2 && !transposeA;
  const m = single ? plan.m * sizeOf(batch) : plan.m;
  const ldA = transposeA ? m : k;
  const ldB = transposeB ? k : n;
  let c = y.storage.offset;
  const multiplyOne = (i: number, j: number): void => {
    const left = a.storage.offset + i * m * k * 4;
    const right = b.storage.offset + j * k * n * 4;
    gemm(transposeA, transposeB, m, n, k, 1, left, ldA, right, ldB, 0, c, n, 0, 0);
    c += m * n * 4;
  };
  if (single || batch.length === 0) {
    multiplyOne(0, 0);
    return;
  }
  const walk = new Walk(batch, stridesIn(a.shape, batch, 2), stridesIn(b.shape, batch, 2), 0);
  do multiplyOne(walk.pStart, walk.qStart);
  while (walk.next());
}
