import { typeError } from '../engine/check.js';
import { engine } from '../engine/engine.js';
import { isDetached, kindOf, lengthOf, type Shape, sizeOf } from './shape.js';

/** Arrays of arrays of … numbers; the rows may be typed arrays. */
export type NestedArray = readonly (number | NestedArray | NumericArray)[];

/** Every typed array but the BigInt ones. By its members: Float16Array has no name in the libraries before that of ES2025. */
export interface NumericArray extends ArrayBufferView, ArrayLike<number> {
  set(array: ArrayLike<number>, offset?: number): void;
}

const MAXIMUM_RANK = 32;
/** So many elements, or more, no tensor can have. */
const MAXIMUM_SIZE = 2 ** 30;

/** Whether `value` is a typed array of numbers. @throws TypeError for BigInt arrays and detached buffers, with the remedy. */
export function isNumericArray(value: unknown, where: string): value is NumericArray {
  const kind: string | undefined = kindOf.call(value);
  if (kind === undefined) return false;
  const view = value as NumericArray;
  if (kind.startsWith('Big')) {
    throw new TypeError(`${where}: expected numbers, got a ${kind}: use Int32Array.from(x, Number)`);
  }
  if (isDetached(view)) {
    throw new TypeError(
      `${where}: expected numbers, got a ${kind} that is detached: transferred, or a view of a tensor's data before an allocation`,
    );
  }
  return true;
}

/** A Float32Array, whichever realm made it. @throws TypeError for one with a detached buffer */
export function isFloat32Array(value: unknown, where: string): value is Float32Array {
  // One that has a length is not detached: half the time of asking.
  return kindOf.call(value) === 'Float32Array' && (lengthOf(value as Float32Array) > 0 || isNumericArray(value, where));
}

/** Where views of our own memory begin. */
const positions = new WeakMap<NumericArray, number>();

/** To be called when an argument is checked: an allocation of the same call may detach a view of our own memory. */
export function notice<T extends NumericArray>(view: T): T {
  if (view.buffer === engine.f32.buffer) positions.set(view, view.byteOffset);
  return view;
}

/**
 * The view itself, or, if it was detached since {@link notice}, an equal view of the present memory.
 * @throws RangeError for any other view whose length has changed (a getter of another argument's element may do that)
 */
export function retake<T extends NumericArray>(view: T, length: number): T {
  if (lengthOf(view) === length) return view;
  const View = view.constructor as new (buffer: ArrayBufferLike, offset: number, length: number) => T;
  return new View(engine.f32.buffer, positions.get(view) ?? -1, length); // -1 is refused
}

/**
 * The values of nested arrays, by the shape that {@link shapeOfNested} gave for them. They are read once, when they are
 * checked: an element may have a getter, which calls this library, and nothing has begun by then.
 */
const taken = new WeakMap<Shape, Float32Array>();
/**
 * The latest values, if up to this many, wait in `last` and `lastValues` instead of the WeakMap, which takes as long as a small
 * call; a second set that waits (the other operand) moves them there.
 */
const FEW = 1024;
let last: Shape | undefined;
let lastValues: Float32Array | undefined;

/** The values of the nested arrays for which {@link shapeOfNested} returned this very object. Can be taken once. */
export function takeValues(shape: Shape): Float32Array {
  if (shape !== last) {
    const values = taken.get(shape)!;
    taken.delete(shape);
    return values;
  }
  const values = lastValues!;
  last = lastValues = undefined;
  return values;
}

/**
 * The shape of a number or of nested arrays, every element checked and, but for a number, kept for {@link takeValues}.
 * @throws TypeError for ragged arrays and for anything that is no number, naming where it stands
 */
export function shapeOfNested(value: unknown, where: string, name: string): Shape {
  const shape: number[] = [];
  for (let level = value; typeof level !== 'number'; level = (level as NestedArray)[0]) {
    if (isNumericArray(level, where)) {
      shape.push(lengthOf(level));
      break;
    }
    if (!Array.isArray(level)) {
      throw typeError(
        where,
        `${name}${'[0]'.repeat(shape.length)} to be ${shape.length > 0 ? 'a number' : 'a Tensor, numbers or a typed array'}`,
        level,
      );
    }
    if (shape.length === MAXIMUM_RANK) {
      throw new TypeError(`${where}: expected ${name} to have at most ${MAXIMUM_RANK} dimensions`);
    }
    shape.push(level.length);
    if (level.length === 0) break;
  }
  if (shape.length > 0) {
    // What no memory can hold is only checked: it may be ragged.
    const size = sizeOf(shape);
    const values = new Float32Array(size < MAXIMUM_SIZE ? size : 0);
    read(value, shape, 0, values, 0, where, name);
    if (size > FEW) taken.set(shape, values);
    else {
      if (last !== undefined) taken.set(last, lastValues!);
      last = shape;
      lastValues = values;
    }
  }
  return Object.freeze(shape);
}

/** Writes the elements below `value`, which is called `path`, or stands in it at `index`, from `at` on. @returns where they end */
function read(
  value: unknown,
  shape: Shape,
  depth: number,
  into: Float32Array,
  at: number,
  where: string,
  path: string,
  index?: number,
): number {
  const length = shape[depth]!;
  const list = Array.isArray(value); // asked first: it takes half as long
  if (!list && !isNumericArray(value, where)) {
    throw typeError(where, `${nameOf(path, index)} to be an array of ${length} elements`, value);
  }
  const found = list ? value.length : lengthOf(value);
  if (found !== length) {
    throw new TypeError(
      `${where}: ${nameOf(path, index)} has ${found} elements where its neighbours have ${length} (ragged)`,
    );
  }
  if (depth < shape.length - 1) {
    const above = nameOf(path, index);
    for (let i = 0; i < length; i++) at = read(value[i], shape, depth + 1, into, at, where, above, i);
    return at;
  }
  if (!list) {
    if (into.length > 0) into.set(value, at);
  } else {
    for (let i = 0; i < length; i++) {
      const element: unknown = value[i];
      if (typeof element !== 'number') {
        const place = `${nameOf(path, index)}[${i}]`;
        if (Array.isArray(element) || ArrayBuffer.isView(element)) {
          throw new TypeError(`${where}: ${place} is an array where its neighbours are numbers (ragged)`);
        }
        throw typeError(where, `${place} to be a number`, element);
      }
      into[at + i] = element;
    }
  }
  return at + length;
}

/** Called for errors, and once for many rows: a short row takes no longer than its name. */
function nameOf(path: string, index: number | undefined): string {
  return index === undefined ? path : `${path}[${index}]`;
}

/** The inverse: flat values as nested arrays of `shape`. */
export function nest(
  values: ArrayLike<number>,
  shape: Shape,
  depth = 0,
  at = 0,
  size = values.length,
): number[] | number {
  const length = shape[depth++];
  if (length === undefined) return values[at]!;
  if (depth === shape.length) {
    const row: number[] = []; // not the literal of the rows: V8 then keeps the numbers unboxed
    // Room at once; `new Array` would take twice as long for short rows, and a longer one would be a dictionary.
    if (length > 31 && length < 2 ** 25) row.length = length;
    for (let i = 0; i < length; i++) row[i] = values[at++]!;
    return row;
  }
  const rows: number[] = [];
  size /= length;
  for (let i = 0; i < length; i++) rows[i] = nest(values, shape, depth, at + i * size, size) as number;
  return rows;
}
