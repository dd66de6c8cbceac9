import { describe, test } from 'vitest';
import * as reference from '../reference/abs';
import { unaryCases } from '../support/kernels';
import { expectSameBits } from '../support/ulp';
import { variants } from '../support/variants';

describe.each(variants)('abs, %s', (_name, variant) => {
  unaryCases(variant, 'abs_forward', reference.abs, 0);

  test('keeps the special values and the sign of zero', () => {
    const { wasm, memory } = variant;
    memory.reset();
    const input = Float32Array.of(0, -0, -1, NaN, Infinity, -Infinity, -1e-45, 4, -4);
    const x = memory.put(input);
    const y = memory.out(input.length);
    wasm.abs_forward(y, x, input.length);
    expectSameBits(memory.f32(y, input.length), [0, 0, 1, NaN, Infinity, Infinity, 1e-45, 4, 4].map(Math.fround));
  });
});
