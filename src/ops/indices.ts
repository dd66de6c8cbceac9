import { integerError } from '../engine/check.js';
import { describe } from '../engine/describe.js';

/**
 * Copies `count` indices of `source`, each in 0 … length - 1, to `into`: so they stay what was checked. `name` is what one of them is called,
 * `place` what an error adds about the i-th.
 * @throws TypeError for what is no number, RangeError for any other number
 */
export function readIndices(
  source: ArrayLike<unknown>,
  count: number,
  into: Int32Array,
  length: number,
  name: string,
  where: string,
  place: (i: number) => string = () => '',
): void {
  for (let i = 0; i < count; i++) {
    const index = source[i];
    if (typeof index !== 'number') {
      const mend = typeof index === 'bigint' ? `; use Number(${name})` : '';
      throw new TypeError(`${where}: expected ${name} ${i} to be a number, got ${describe(index)}${mend}`);
    }
    if (index >>> 0 !== index || index >= length) {
      throw integerError(index + place(i), `${name} ${i}`, length - 1, where);
    }
    into[i] = index;
  }
}
