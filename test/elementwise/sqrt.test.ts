import { describe, test } from 'vitest';
import * as reference from '../reference/sqrt';
import { unaryCases } from '../support/kernels';
import { expectSameBits } from '../support/ulp';
import { variants } from '../support/variants';

describe.each(variants)('sqrt, %s', (_name, variant) => {
  unaryCases(variant, 'sqrt_forward', reference.sqrt, 0);

  test('keeps the special values and the sign of zero', () => {
    const { wasm, memory } = variant;
    memory.reset();
    const input = Float32Array.of(0, -0, -1, NaN, Infinity, -Infinity, -1e-45, 4, -4);
    const x = memory.put(input);
    const y = memory.out(input.length);
    wasm.sqrt_forward(y, x, input.length);
    expectSameBits(memory.f32(y, input.length), [0, -0, NaN, NaN, Infinity, NaN, NaN, 2, NaN].map(Math.fround));
  });
});
