import { describe, test } from 'vitest';
import * as reference from '../reference/sqrt';
import { unary, unaryCases } from '../support/kernels';
import { expectSameBits } from '../support/ulp';
import { variants } from '../support/variants';

describe.each(variants)('sqrt, %s', (_name, variant) => {
  unaryCases(variant, 'sqrt_forward', reference.sqrt, 0);

  test('keeps the sign of a zero, and is NaN below it', () => {
    const y = unary(variant, 'sqrt_forward')(Float32Array.of(0, -0, -1, NaN, Infinity, -Infinity, -1e-45, 4, -4));
    expectSameBits(y, [0, -0, NaN, NaN, Infinity, NaN, NaN, 2, NaN].map(Math.fround));
  });
});
