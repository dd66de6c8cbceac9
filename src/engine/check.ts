import { describe } from './describe.js';

/** Options are plain objects with known keys: a misspelt one is an error, not a default. */
export function checkOptions(options: unknown, known: readonly string[], where: string): void {
  if (options === undefined) return;
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw typeError(where, 'options to be an object', options);
  }
  for (const key in options) {
    // What somebody added to Object.prototype is no option.
    if (known.includes(key) || !Object.keys(options).includes(key)) continue;
    const names = known.join(', ');
    if (!isRecord(options)) throw typeError(where, `options (${names})`, options); // a second tensor, say
    throw new TypeError(`${where}: unknown option ${JSON.stringify(key)}; known are ${names}`);
  }
}

/** An array or a plain object, whichever realm (a frame, Node's vm) made it; a Map, say, has no content as its properties. */
export function isRecord(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** The error for an argument of the wrong kind: `expected` says which, and what it should be. */
export function typeError(where: string, expected: string, got: unknown): TypeError {
  return new TypeError(`${where}: expected ${expected}, got ${describe(got)}`);
}

/** A boolean option, or what it is by default. @throws TypeError for anything else */
export function flag(value: unknown, otherwise: boolean, name: string, where: string): boolean {
  if (value === undefined) return otherwise;
  if (typeof value === 'boolean') return value;
  throw typeError(where, `${name} to be a boolean`, value);
}

/** @throws TypeError */
export function checkNumber(value: unknown, name: string, where: string): asserts value is number {
  if (typeof value !== 'number') throw typeError(where, `${name} to be a number`, value);
}

/** The error for what is no integer in 0 … limit. */
export function integerError(value: unknown, name: string, limit: number | string, where: string): RangeError {
  return new RangeError(`${where}: expected ${name} to be an integer in 0 … ${limit}, got ${value}`);
}

/** @throws TypeError, RangeError unless it is finite and ≥ 0 */
export function checkNotNegative(value: unknown, name: string, where: string): asserts value is number {
  checkNumber(value, name, where);
  if (!(value >= 0 && Math.fround(value) < Infinity)) {
    throw new RangeError(`${where}: expected ${name} to be finite and ≥ 0, got ${value}`);
  }
}
