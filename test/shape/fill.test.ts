import { describe, test } from 'vitest';
import { LENGTHS } from '../support/lengths';
import { expectSameBits } from '../support/ulp';
import { variants } from '../support/variants';

describe.each(variants)('fill, %s', (_name, { wasm, memory }) => {
  test.each(LENGTHS)('writes %i elements and nothing after them', (n) => {
    for (const value of [0, -0, 1.5, NaN, -Infinity]) {
      memory.reset();
      const y = memory.out(n);
      wasm.fill(y, value, n);
      expectSameBits(memory.f32(y, n), new Float32Array(n).fill(value));
      memory.checkGuards();
    }
  });
});
