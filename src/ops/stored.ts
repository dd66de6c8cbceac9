import { engine } from '../engine/engine.js';
import { lengthOf } from '../tensor/shape.js';

/*
 * Matrices in arrays of the caller's, which may be views of our memory: where they are, whether they overlap, and copies of
 * what is not ours.
 */

/**
 * Copies of so many elements are made by a loop: `set` needs a view of them, a new one where sizes change from call to call
 * (npm run bench -- sgemm --shape NT --sweep ops/stored:FEW=0,64).
 */
const FEW = 32;
/** So many from a whole array, for which `set` needs no view (npm run bench -- sgemm --shape NT --sweep ops/stored:FEWEST=0,16). */
const FEWEST = 8;

/** A matrix as it is stored in the caller's array: rows × cols, `ld` elements from row to row. */
export interface Stored {
  array: Float32Array;
  offset: number;
  rows: number;
  cols: number;
  ld: number;
}

/**
 * Whether the array is a view of the linear memory. To ask an array for its buffer, in V8 11 even for its offset, takes
 * half as long as a product of 2³. No tensor begins in the first page, but a view from there on may reach one.
 */
export function isOurs(array: Float32Array): boolean {
  return engine.lent && isView(array);
}

function isView(array: Float32Array): boolean {
  return (array.byteOffset !== 0 || array.length > 16384) && array.buffer === engine.f32.buffer;
}

/** Offset of the first element in our memory, whose view the array is. */
export function address({ array, offset }: Stored): number {
  return array.byteOffset + offset * 4;
}

/** Whether two matrices in our memory have elements in common. */
export function overlap(x: Stored, y: Stored): boolean {
  const end = (matrix: Stored): number => address(matrix) + span(matrix) * 4;
  if (!(span(x) > 0 && address(x) < end(y) && address(y) < end(x))) return false;
  // A single row has no distance to the next.
  const ld = x.rows > 1 ? x.ld : y.ld;
  if ((y.rows > 1 && y.ld !== ld) || ld < y.cols) return true;
  // Columns beside each other in rows of one length.
  const shift = ((address(y) - address(x)) / 4) % ld;
  const apart = shift < 0 ? shift + ld : shift;
  return apart < x.cols || apart + y.cols > ld;
}

/** Elements from the first to the last of a matrix. */
export function span({ rows, cols, ld }: Stored): number {
  return rows === 0 || cols === 0 ? 0 : (rows - 1) * ld + cols;
}

/** To whole lines of the scratch. */
export function roundUp(bytes: number): number {
  return bytes + (-bytes & 63);
}

/** What a copy without gaps takes. */
export function bytesOf({ rows, cols }: Stored): number {
  return roundUp(4 * rows * cols);
}

/** Copies a matrix to `to`, without gaps. @returns `to` */
export function copyIn({ array, offset, rows, cols, ld }: Stored, to: number): number {
  const at = to >>> 2;
  if (ld === cols) copyRunIn(array, offset, at, rows * cols);
  else for (let i = 0; i < rows; i++) copyRunIn(array, offset + i * ld, at + i * cols, cols);
  return to;
}

/** `count` elements from `offset` on, to the index `at` of our memory. */
export function copyRunIn(array: Float32Array, offset: number, at: number, count: number): void {
  const { f32 } = engine;
  const entire = count > FEWEST && lengthOf(array) === count;
  if (count <= FEW && !entire) for (let i = 0; i < count; i++) f32[at + i] = array[offset + i]!;
  else f32.set(entire ? array : part(array, offset, count), at);
}

/** A view of some elements; `subarray` would call the constructor of a caller's own class, which may make anything. */
function part(array: Float32Array, from: number, count: number): Float32Array {
  return new Float32Array(array.buffer, array.byteOffset + 4 * from, count);
}

/** The way back of {@link copyIn}. */
export function copyOut({ array, offset, rows, cols, ld }: Stored, from: number): void {
  const at = from >>> 2;
  if (ld === cols) copyRunOut(array, offset, at, rows * cols);
  else for (let i = 0; i < rows; i++) copyRunOut(array, offset + i * ld, at + i * cols, cols);
}

/** `count` elements of our memory, from the index `at` on. */
export function copyRunOut(to: Float32Array, offset: number, at: number, count: number): void {
  if (count > FEW) {
    to.set(engine.view(at, count), offset);
    return;
  }
  const { f32 } = engine;
  for (let i = 0; i < count; i++) to[offset + i] = f32[at + i]!;
}
