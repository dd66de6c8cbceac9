import { checkNumber, checkOptions, flag, integerError, typeError } from '../engine/check.js';
import { engine } from '../engine/engine.js';
import { AliasError, ShapeError } from '../engine/errors.js';
import { isFloat32Array, notice, retake } from '../tensor/nested.js';
import { lengthOf } from '../tensor/shape.js';
import { gemm } from './gemm.js';
import { SMALL, sgemmSmall } from './sgemm_small.js';
import {
  address,
  bytesOf,
  copyIn,
  copyOut,
  copyRunIn,
  copyRunOut,
  isOurs,
  overlap,
  roundUp,
  type Stored,
  span,
} from './stored.js';

export interface SgemmOptions {
  /** Default 1. */
  alpha?: number | undefined;
  /** Default 0: C is then not read. */
  beta?: number | undefined;
  /** op(A) = Aᵀ, with A stored as [k, m]; default `false`. */
  transposeA?: boolean | undefined;
  /** op(B) = Bᵀ, with B stored as [n, k]; default `false`. */
  transposeB?: boolean | undefined;
  /** Elements from one row to the next of the matrix as it is stored; default: its number of columns. */
  lda?: number | undefined;
  /** As `lda`, of B. */
  ldb?: number | undefined;
  /** As `lda`, of C. */
  ldc?: number | undefined;
  /** Index of the first element of A in its array; default 0. */
  aOffset?: number | undefined;
  /** As `aOffset`, of B. */
  bOffset?: number | undefined;
  /** As `aOffset`, of C. */
  cOffset?: number | undefined;
}

const OPTIONS = ['alpha', 'beta', 'transposeA', 'transposeB', 'lda', 'ldb', 'ldc', 'aOffset', 'bOffset', 'cOffset'];

/**
 * C ← alpha·op(A)·op(B) + beta·C, row-major, on any Float32Arrays: the entry for other libraries. op(A) [m, k],
 * op(B) [k, n], C [m, n]. If beta is zero, C does not need to be initialized. Views of tensor memory (`Tensor.data`) are used
 * in place, other arrays are copied in and out. Elements of c outside the m × n matrix stay as they are.
 *
 * Sums are float32, as those of `matmul`, but float64 and rounded once in a call without options that has at most 100
 * multiplications and whose c is no view of tensor memory. With alpha = 0 the product is computed all the same: 0 · NaN is NaN.
 * @returns c, or, where c is a view of a tensor's data and the memory had to grow, a view of the same place
 * @throws ShapeError when a matrix does not fit its array, TypeError for another array than a Float32Array
 * @throws RangeError for a size, an `ld` or an offset that is no integer in 0 … 2^32 - 1, or an `ld` below the columns of a matrix
 * of several rows
 * @throws AliasError when C overlaps A or B in our own memory
 */
export function sgemm(
  m: number,
  n: number,
  k: number,
  a: Float32Array,
  b: Float32Array,
  c: Float32Array,
  options?: SgemmOptions,
): Float32Array {
  if (options === undefined && isPlain(m, n, k, a, b, c, SMALL) && !isOurs(c)) return sgemmSmall(m, n, k, a, b, c);
  return general(m, n, k, a, b, c, options);
}

/**
 * Every call that {@link sgemmSmall} does not take. Deliberately too long for V8 to inline, which leaves the inlining budget of
 * a caller to the small products (bench/NOTES.md).
 */
function general(
  m: number,
  n: number,
  k: number,
  a: Float32Array,
  b: Float32Array,
  c: Float32Array,
  given: SgemmOptions | undefined,
): Float32Array {
  // What a view of our memory says about its length is checked below: the kernel would write beyond it.
  if (given === undefined && isPlain(m, n, k, a, b, c, Infinity) && !isOurs(a) && !isOurs(b) && !isOurs(c)) {
    return usual(m, n, k, a, b, c);
  }
  const where = 'sgemm';
  const options = given === undefined ? {} : given;
  checkDimension(m, 'm');
  checkDimension(n, 'n');
  checkDimension(k, 'k');
  checkOptions(options, OPTIONS, where);
  // All of them, before the arrays are looked at: a getter may detach one.
  const { alpha = 1, beta = 0, lda, ldb, ldc, aOffset, bOffset, cOffset } = options;
  checkNumber(alpha, 'alpha', where);
  checkNumber(beta, 'beta', where);
  const transposeA = flag(options.transposeA, false, 'transposeA', where);
  const transposeB = flag(options.transposeB, false, 'transposeB', where);
  const A = transposeA ? stored(a, 'a', k, m, lda, aOffset) : stored(a, 'a', m, k, lda, aOffset);
  const B = transposeB ? stored(b, 'b', n, k, ldb, bOffset) : stored(b, 'b', k, n, ldb, bOffset);
  const C = stored(c, 'c', m, n, ldc, cOffset);
  if (m === 0 || n === 0) return c;
  // Without terms there is nothing that alpha could scale, not even by NaN.
  return multiplyStored(m, n, k, A, B, C, k && alpha, beta, transposeA, transposeB);
}

/**
 * The usual call, of so many multiplications at most: whole matrices, C = A·B. All that has to be checked fits one condition.
 * What the arrays are is asked last: once V8 has read the length of one, it knows.
 */
function isPlain(
  m: number,
  n: number,
  k: number,
  a: Float32Array,
  b: Float32Array,
  c: Float32Array,
  most: number,
): boolean {
  if (typeof m !== 'number' || typeof n !== 'number' || typeof k !== 'number') return false;
  if (a === undefined || b === undefined || c === undefined || a === null || b === null || c === null) return false;
  const count = m * n * k;
  return (
    (m | 0) === m &&
    (n | 0) === n &&
    (k | 0) === k &&
    m > 0 &&
    n > 0 &&
    k > 0 &&
    count <= most &&
    a.length >= m * k &&
    b.length >= k * n &&
    c.length >= m * n &&
    a instanceof Float32Array &&
    b instanceof Float32Array &&
    c instanceof Float32Array
  );
}

/** The usual call that {@link sgemmSmall} does not take, of arrays outside of our memory, which are all copied. */
function usual(m: number, n: number, k: number, a: Float32Array, b: Float32Array, c: Float32Array): Float32Array {
  const bytesA = roundUp(4 * m * k);
  const bytesB = roundUp(4 * k * n);
  const atA = room(bytesA + bytesB + roundUp(4 * m * n));
  const atB = atA + bytesA;
  const atC = atB + bytesB;
  copyRunIn(a, 0, atA >>> 2, m * k);
  copyRunIn(b, 0, atB >>> 2, k * n);
  gemm(false, false, m, n, k, 1, atA, k, atB, n, 0, atC, n, 0, 0);
  copyRunOut(c, 0, atC >>> 2, m * n);
  return c;
}

/** The product of matrices as they are stored: what is in our memory stays there, the rest goes through the scratch. */
function multiplyStored(
  m: number,
  n: number,
  k: number,
  A: Stored,
  B: Stored,
  C: Stored,
  alpha: number,
  beta: number,
  transposeA: boolean,
  transposeB: boolean,
): Float32Array {
  const ourA = isOurs(A.array);
  const ourB = isOurs(B.array);
  const ourC = isOurs(C.array);
  const overlapped = ourC && (ourA && overlap(A, C) ? 'a' : ourB && overlap(B, C) && 'b');
  if (overlapped) throw new AliasError(`sgemm: c overlaps ${overlapped}, which the product still reads`);
  // Before the scratch, which may make the memory grow, and that detaches views of it.
  const atA = ourA ? address(A) : 0;
  const atB = ourB ? address(B) : 0;
  const atC = ourC ? address(C) : 0;
  const length = ourC ? lengthOf(notice(C.array)) : 0;
  const bytesA = ourA ? 0 : bytesOf(A);
  const bytesB = ourB ? 0 : bytesOf(B);
  const free = room(bytesA + bytesB + (ourC ? 0 : bytesOf(C)));
  const a = ourA ? atA : copyIn(A, free);
  const b = ourB ? atB : copyIn(B, free + bytesA);
  const c = ourC ? atC : free + bytesA + bytesB;
  if (!ourC && beta !== 0) copyIn(C, c);
  const ldc = ourC ? C.ld : C.cols;
  const lda = ourA ? A.ld : A.cols;
  const ldb = ourB ? B.ld : B.cols;
  gemm(transposeA, transposeB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc, 0, 0);
  if (!ourC) copyOut(C, c);
  return ourC ? retake(C.array, length) : C.array;
}

/** Scratch for copies of what lies outside our memory; packing takes the head of it. */
function room(byteLength: number): number {
  engine.start(); // which makes packingBytes known
  const packing = roundUp(engine.packingBytes);
  return engine.scratch(packing + byteLength, 'sgemm') + packing;
}

function stored(array: unknown, name: string, rows: number, cols: number, ld: unknown, offset: unknown): Stored {
  const where = 'sgemm';
  if (!isFloat32Array(array, where)) {
    throw typeError(where, `${name} to be a Float32Array`, array);
  }
  if (ld !== undefined) checkDimension(ld, `ld${name}`);
  if (offset !== undefined) checkDimension(offset, `${name}Offset`);
  const matrix: Stored = { array, offset: (offset as number) ?? 0, rows, cols, ld: (ld as number) ?? cols };
  if (matrix.ld < cols && rows > 1) {
    throw new RangeError(
      `${where}: expected ld${name} to be at least ${cols}, the columns of ${name}, got ${matrix.ld}`,
    );
  }
  const needed = matrix.offset + span(matrix);
  if (needed > lengthOf(array)) {
    throw new ShapeError(
      `${where}: expected ${name} with at least ${needed} elements for [${rows}, ${cols}], got ${lengthOf(array)}`,
    );
  }
  return matrix;
}

function checkDimension(value: unknown, name: string): void {
  checkNumber(value, name, 'sgemm');
  if (value >>> 0 !== value) throw integerError(value, name, '2^32 - 1', 'sgemm');
}
