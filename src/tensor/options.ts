import { describe } from './shape.js';

/** Options are plain objects with known keys: a misspelt one is an error, not a default. */
export function checkOptions(options: unknown, known: readonly string[], where: string): void {
  if (options === undefined) return;
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new TypeError(`${where}: expected options to be an object, got ${describe(options)}`);
  }
  for (const key in options) {
    if (!known.includes(key)) {
      throw new TypeError(`${where}: unknown option ${JSON.stringify(key)}; known are ${known.join(', ')}`);
    }
  }
}

/** A boolean option, or what it is by default. @throws TypeError for anything else */
export function flag(value: unknown, otherwise: boolean, name: string, where: string): boolean {
  if (value === undefined) return otherwise;
  if (typeof value === 'boolean') return value;
  throw new TypeError(`${where}: expected ${name} to be a boolean, got ${describe(value)}`);
}
