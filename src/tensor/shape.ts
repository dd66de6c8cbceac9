import { checkNumber, integerError, typeError } from '../engine/check.js';
import { engine } from '../engine/engine.js';
import { OutOfMemoryError, ShapeError } from '../engine/errors.js';
import { MAXIMUM_PAGES, PAGE } from '../engine/instance.js';

/** Dimensions, outermost first; frozen, so that it can be shared between handles. */
export type Shape = readonly number[];

export const SCALAR: Shape = Object.freeze([]);

/** The most bytes that a tensor can have: no more fit the memory. */
const MAXIMUM_BYTES = MAXIMUM_PAGES * PAGE;

/** `[2, 3]` for messages. */
export function formatShape(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

/** Number of elements of a checked shape, as a double: exact up to 2^53, rounded beyond that, even to Infinity. */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (let i = 0; i < shape.length; i++) size *= shape[i]!;
  return size || 0; // NaN is what Infinity · 0 gives
}

export function sameShape(a: Shape, b: Shape): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** The error for a shape that does not fit: `expected` says whose, and which it should be. */
export function shapeError(where: string, expected: string, got: Shape): ShapeError {
  return new ShapeError(`${where}: expected ${expected}, got ${formatShape(got)}`);
}

/** @throws ShapeError unless `name` has the shape that it should */
export function checkShape(got: Shape, wanted: Shape, name: string, where: string): void {
  if (!sameShape(got, wanted)) throw shapeError(where, `${name} of shape ${formatShape(wanted)}`, got);
}

/**
 * A frozen copy of what a user gave as a shape: one dimension or an array of them.
 * @throws TypeError for another kind of thing
 * @throws RangeError for a dimension that is no integer in 0 … 2^32 - 1
 */
export function toShape(shape: number | ArrayLike<number>, where: string): Shape {
  if (typeof shape === 'number') shape = [shape];
  if (!isArrayLike(shape)) {
    throw typeError(where, 'shape to be an array of integers', shape);
  }
  const copy: number[] = [];
  for (let i = 0; i < shape.length; i++) {
    const dimension: unknown = shape[i];
    if (typeof dimension !== 'number') checkNumber(dimension, `shape[${i}]`, where);
    if (dimension >>> 0 !== dimension) throw integerError(dimension, `shape[${i}]`, '2^32 - 1', where);
    copy.push(dimension >>> 0); // -0 is 0
  }
  return Object.freeze(copy);
}

/** {@link toShape} where one dimension may be -1, "whatever makes `size` elements". */
export function inferShape(shape: number | ArrayLike<number>, size: number, where: string): Shape {
  const given = typeof shape === 'number' ? [shape] : isArrayLike(shape) ? Array.from(shape) : shape;
  const at = Array.isArray(given) ? given.indexOf(-1) : -1;
  if (at < 0) return toShape(given, where);
  const whole = [...(given as number[])];
  whole[at] = 1;
  const rest = sizeOf(toShape(whole, where));
  if (rest === 0 || size % rest !== 0) {
    throw new ShapeError(`${where}: ${size} elements do not divide into shape ${formatShape(given as number[])}`);
  }
  whole[at] = size / rest;
  return toShape(whole, where);
}

/** `shape` with another length of one axis. */
export function withLength(shape: Shape, axis: number, length: number): Shape {
  const changed = [...shape];
  changed[axis] = length;
  return Object.freeze(changed);
}

/** Elements before, in and after the axes begin … end - 1. */
export function around(shape: Shape, begin: number, end: number): [outer: number, length: number, inner: number] {
  let outer = 1;
  let length = 1;
  let inner = 1;
  for (let i = 0; i < shape.length; i++) {
    if (i < begin) outer *= shape[i]!;
    else if (i < end) length *= shape[i]!;
    else inner *= shape[i]!;
  }
  return [outer || 0, length || 0, inner || 0]; // ∞ · 0, too
}

/** Elements of a shape. @throws OutOfMemoryError when so many float32 values cannot be addressed. */
export function checkedSize(shape: Shape, where: string): number {
  const size = sizeOf(shape);
  if (size * 4 > MAXIMUM_BYTES) {
    throw new OutOfMemoryError(
      `${where}: a tensor of shape ${formatShape(shape)} needs ${size * 4} bytes, ${engine.live} bytes are in use, ` +
        `the memory can grow to ${MAXIMUM_BYTES} at most`,
    );
  }
  return size;
}

/** An axis as a number in 0 … rank - 1; negative ones count from the end. */
export function toAxis(axis: unknown, rank: number, where: string): number {
  checkNumber(axis, 'axis', where);
  if (rank === 0) throw new RangeError(`${where}: expected at least one axis, got shape []`);
  if ((axis | 0) !== axis || axis < -rank || axis >= rank) {
    throw new RangeError(`${where}: expected axis to be an integer in ${-rank} … ${rank - 1}, got ${axis}`);
  }
  return axis < 0 ? axis + rank : axis;
}

/**
 * The shape that NumPy's broadcasting gives. @throws ShapeError when there is none, which names `wholeA` and `wholeB`: the shapes of
 * the operands, where a and b are only their leading axes
 */
export function broadcastShapes(a: Shape, b: Shape, where: string, wholeA = a, wholeB = b): Shape {
  if (broadcastsTo(b, a)) return a;
  if (broadcastsTo(a, b)) return b;
  const rank = Math.max(a.length, b.length);
  const shape: number[] = new Array(rank);
  for (let i = 1; i <= rank; i++) {
    const p = i <= a.length ? a[a.length - i]! : 1;
    const q = i <= b.length ? b[b.length - i]! : 1;
    if (p !== q && p !== 1 && q !== 1) {
      throw new ShapeError(`${where}: shapes ${formatShape(wholeA)} and ${formatShape(wholeB)} do not broadcast`);
    }
    shape[rank - i] = p === 1 ? q : p;
  }
  return Object.freeze(shape);
}

/** Whether the broadcast of the two is `to` itself. */
function broadcastsTo(from: Shape, to: Shape): boolean {
  const added = to.length - from.length;
  if (added < 0) return false;
  for (let i = 0; i < from.length; i++) if (from[i] !== 1 && from[i] !== to[added + i]) return false;
  return true;
}

function isArrayLike(value: unknown): value is ArrayLike<number> {
  return Array.isArray(value) || (kindOf.call(value) !== undefined && !isDetached(value as ArrayBufferView));
}

/** %TypedArray%.prototype, whose getters work for arrays of any realm (a frame, Node's vm), whatever a subclass overrides. */
const typedArrays: object = Object.getPrototypeOf(Uint8Array.prototype);
/** Of a typed array its name, of all else undefined. */
export const kindOf = getter<string | undefined>(Symbol.toStringTag);
const lengths = getter<number>('length');
function getter<T>(key: PropertyKey): () => T {
  return Object.getOwnPropertyDescriptor(typedArrays, key)!.get!;
}

/** The length of a typed array. */
export function lengthOf(view: ArrayBufferView): number {
  return lengths.call(view);
}

/** Whether the buffer of a typed array is gone, or ends before it; its length is then 0, as that of an empty one. */
export function isDetached(view: ArrayBufferView): boolean {
  if (view.byteLength > 0) return false;
  try {
    (view as Uint8Array).keys(); // refuses it, in every engine
    return false;
  } catch {
    return true;
  }
}
