import { describe } from '../engine/describe.js';
import { engine } from '../engine/engine.js';
import { isDetached, type Shape, sizeOf } from './shape.js';

/** Arrays of arrays of … numbers; the rows may be typed arrays. */
export type NestedArray = readonly (number | NestedArray | NumericArray)[];

/** Every typed array but the BigInt ones. */
export type NumericArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | Uint8Array
  | Uint8ClampedArray
  | Uint16Array
  | Uint32Array;

const MAXIMUM_RANK = 32;

/** Whether `value` is a typed array of numbers. @throws TypeError for BigInt arrays and detached buffers, with the mend. */
export function isNumericArray(value: unknown, where: string): value is NumericArray {
  if (!ArrayBuffer.isView(value) || value instanceof DataView) return false;
  if (value instanceof BigInt64Array || value instanceof BigUint64Array) {
    throw new TypeError(
      `${where}: expected numbers, got a ${value.constructor.name}: convert it by Int32Array.from(x, Number)`,
    );
  }
  if (isDetached(value)) {
    throw new TypeError(
      `${where}: expected numbers, got a ${value.constructor.name} whose buffer is detached; a view of a tensor's data lasts until the next allocation`,
    );
  }
  return true;
}

/** A Float32Array, whichever realm (a frame, Node's vm) made it. @throws TypeError for one with a detached buffer */
export function isFloat32Array(value: unknown, where: string): value is Float32Array {
  return (value as Float32Array | undefined)?.[Symbol.toStringTag] === 'Float32Array' && isNumericArray(value, where);
}

/** Where views of our own memory begin. */
const positions = new WeakMap<NumericArray, number>();

/** To be called when an argument is checked: an allocation of the same call may detach a view of our own memory. */
export function notice<T extends NumericArray>(view: T): T {
  if (view.buffer === engine.f32.buffer) positions.set(view, view.byteOffset);
  return view;
}

/** The view itself, or, if it was detached since {@link notice}, one like it on the memory of now. */
export function retake<T extends NumericArray>(view: T, length: number): T {
  if (view.length === length) return view;
  const View = view.constructor as new (buffer: ArrayBufferLike, offset: number, length: number) => T;
  return new View(engine.f32.buffer, positions.get(view)!, length);
}

/**
 * The shape of a number or of nested arrays, every element checked.
 * @throws TypeError for ragged arrays and for anything that is no number, naming where it stands
 */
export function shapeOfNested(value: unknown, where: string, name: string): Shape {
  const shape: number[] = [];
  for (let level = value; typeof level !== 'number'; level = (level as NestedArray)[0]) {
    if (isNumericArray(level, where)) {
      shape.push(level.length);
      break;
    }
    if (!Array.isArray(level)) {
      throw new TypeError(
        `${where}: expected ${name}${'[0]'.repeat(shape.length)} to be ${shape.length > 0 ? 'a number' : 'a Tensor, numbers or a typed array'}, got ${describe(level)}`,
      );
    }
    if (shape.length === MAXIMUM_RANK) {
      throw new TypeError(`${where}: expected ${name} to have at most ${MAXIMUM_RANK} dimensions`);
    }
    shape.push(level.length);
    if (level.length === 0) break;
  }
  checkNested(value, shape, 0, where, name);
  return Object.freeze(shape);
}

function checkNested(value: unknown, shape: Shape, depth: number, where: string, path: string): void {
  if (depth === shape.length) {
    if (typeof value === 'number') return;
    throw new TypeError(
      Array.isArray(value) || ArrayBuffer.isView(value)
        ? `${where}: ${path} is an array where its neighbours are numbers (ragged)`
        : `${where}: expected ${path} to be a number, got ${describe(value)}`,
    );
  }
  const length = shape[depth]!;
  const numeric = isNumericArray(value, where);
  if (!numeric && !Array.isArray(value)) {
    throw new TypeError(`${where}: expected ${path} to be an array of ${length} elements, got ${describe(value)}`);
  }
  if (value.length !== length) {
    throw new TypeError(`${where}: ${path} has ${value.length} elements where its neighbours have ${length} (ragged)`);
  }
  if (numeric && depth === shape.length - 1) {
    notice(value);
    return;
  }
  for (let i = 0; i < length; i++) checkNested(value[i], shape, depth + 1, where, `${path}[${i}]`);
}

/** The values of checked nested arrays; as many as `shape` says, whatever the source does. Rows may be views of the target. */
export function flat(value: unknown, shape: Shape): Float32Array {
  const values = new Float32Array(sizeOf(shape));
  writeNested(value, shape, values, 0, 0);
  return values;
}

function writeNested(value: unknown, shape: Shape, into: Float32Array, at: number, depth: number): number {
  if (depth === shape.length) {
    into[at] = value as number;
    return at + 1;
  }
  const length = shape[depth]!;
  const row = value as ArrayLike<unknown>;
  if (depth === shape.length - 1) {
    const values = ArrayBuffer.isView(row) ? retake(row as NumericArray, length) : row;
    for (let i = 0; i < length; i++) into[at + i] = values[i] as number;
    return at + length;
  }
  for (let i = 0; i < length; i++) at = writeNested(row[i], shape, into, at, depth + 1);
  return at;
}

/** The inverse: flat values as nested arrays of `shape`. */
export function nest(values: ArrayLike<number>, shape: Shape, depth = 0, at = 0): number[] | number {
  if (depth === shape.length) return values[at]!;
  const length = shape[depth]!;
  let stride = 1;
  for (let i = depth + 1; i < shape.length; i++) stride *= shape[i]!;
  const rows = new Array(length);
  for (let i = 0; i < length; i++) rows[i] = nest(values, shape, depth + 1, at + i * stride);
  return rows;
}
