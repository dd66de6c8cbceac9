import { integerError } from '../engine/check.js';
import { describe } from '../engine/describe.js';

/**
 * Checks `count` indices of `source` and copies them to `into`, where nobody can change them after the check. `name` is what
 * messages call an index, `place` what they add about the i-th.
 * @throws TypeError for an index that is not a number, RangeError for one that is no integer in 0 … length - 1
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
      const advice = typeof index === 'bigint' ? `; use Number(${name})` : '';
      throw new TypeError(`${where}: expected ${name} ${i} to be a number, got ${describe(index)}${advice}`);
    }
    if (index >>> 0 !== index || index >= length) {
      throw integerError(index + place(i), `${name} ${i}`, length - 1, where);
    }
    into[i] = index;
  }
}
