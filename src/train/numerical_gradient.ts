import { checkNumber, checkOptions, typeError } from '../engine/check.js';
import { engine } from '../engine/engine.js';
import { shapeError } from '../tensor/shape.js';
import { allocate, offsetOf, Tensor } from '../tensor/tensor.js';

/** The function whose gradient is asked for. */
export type Objective = (x: Tensor) => number | Tensor;

/**
 * Default step, for an f that returns a number of float64, as `crossEntropy` does: truncation is about 1e-7 then, and rounding of
 * what f computes in float32 before is divided by it.
 */
const STEP = 1e-3;

/**
 * The gradient of `f` at `x`, a new tensor of x's shape, by central differences, (f(x + h) − f(x − h)) / 2h, element by element
 * (book, 4.4); `h` is 1e-3 by default. Where the result of `f` is rounded to float32, as a tensor is, 1e-2 is about ten times as
 * exact: the rounding of `f` is divided by `h`. The difference is divided by the step actually taken after rounding to float32. `f` is
 * called with x, which it may ignore, and returns a number, or a tensor of size 1, which is not disposed here. x is changed
 * while `f` runs, and restored even if `f` throws. The gradients that layers hold are not touched.
 * @throws RangeError unless h is finite and > 0, or where h is lost beside an element of x in float32
 * @throws TypeError, ShapeError when `f` returns something else
 */
export function numericalGradient(f: Objective, x: Tensor, options?: { h?: number | undefined }): Tensor {
  const where = 'numericalGradient';
  const h = checkArguments(f, x, options, where);
  const gradient = allocate(x.shape, x.size, where);
  try {
    for (let i = 0; i < x.size; i++) {
      const d = difference(f, x, i, h, where); // not in the next line: f may make the memory grow, which replaces engine.f32
      engine.f32[(gradient.storage.offset >>> 2) + i] = d;
    }
  } catch (error) {
    gradient.dispose();
    throw error;
  }
  return gradient;
}

/** The central difference at one element. @internal */
export function difference(f: Objective, x: Tensor, i: number, h: number, where: string): number {
  const old = engine.f32[elementAt(x, i, where)]!;
  const up = Math.fround(old + h);
  const down = Math.fround(old - h);
  if (up === down) {
    throw new RangeError(`${where}: h = ${h} is lost beside ${old} in float32; choose a larger h`);
  }
  try {
    engine.f32[elementAt(x, i, where)] = up;
    const above = number(f(x), where);
    engine.f32[elementAt(x, i, where)] = down;
    const below = number(f(x), where);
    return (above - below) / (up - down);
  } finally {
    engine.f32[elementAt(x, i, where)] = old;
  }
}

/** Looked up at each use: f may have disposed x. */
function elementAt(x: Tensor, i: number, where: string): number {
  return (offsetOf(x, where) >>> 2) + i;
}

/** Checks f, x and the options. @returns the step h, or the default @internal */
export function checkArguments(
  f: unknown,
  x: unknown,
  options: { h?: number | undefined } | undefined,
  where: string,
): number {
  if (typeof f !== 'function') throw typeError(where, 'f to be a function', f);
  if (!(x instanceof Tensor)) {
    throw typeError(where, 'x to be a Tensor, which f reads while it is changed', x);
  }
  offsetOf(x, where);
  checkOptions(options, ['h'], where);
  return checkStep(options?.h, where);
}

/** The step h, or the default. @internal */
export function checkStep(h: unknown = STEP, where: string): number {
  checkNumber(h, 'h', where);
  if (!(h > 0 && h < Infinity)) throw new RangeError(`${where}: expected h to be finite and > 0, got ${h}`);
  return h;
}

function number(value: unknown, where: string): number {
  if (typeof value === 'number') return value;
  if (value instanceof Tensor) {
    if (value.size === 1) return value.item();
    throw shapeError(where, 'f to return a number', value.shape);
  }
  throw typeError(where, 'f to return a number', value);
}
