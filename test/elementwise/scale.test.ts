import { describe, test } from 'vitest';
import * as reference from '../reference/scale';
import { LENGTHS } from '../support/lengths';
import { hardFloats } from '../support/seeds';
import { expectSameBits } from '../support/ulp';
import { variants } from '../support/variants';

describe.each(variants)('scale, %s', (_name, { wasm, memory }) => {
  test.each(LENGTHS)('is exact at n = %i, also in place, and touches nothing after n', (n) => {
    for (const alpha of [-0.1, 0, 3.5e37, NaN, -Infinity]) {
      memory.reset();
      const input = hardFloats(n, { seed: n });
      const exact = Float32Array.from(reference.scale(input, Math.fround(alpha)));
      const x = memory.put(input);
      const y = memory.out(n);
      wasm.scale(y, x, alpha, n);
      expectSameBits(memory.f32(y, n), exact);
      wasm.scale(x, x, alpha, n);
      expectSameBits(memory.f32(x, n), exact);
      memory.checkGuards();
    }
  });
});
