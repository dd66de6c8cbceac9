import { describe, test } from 'vitest';
import * as reference from '../reference/abs';
import { unary, unaryCases } from '../support/kernels';
import { expectSameBits } from '../support/ulp';
import { variants } from '../support/variants';

describe.each(variants)('abs, %s', (_name, variant) => {
  unaryCases(variant, 'abs_forward', reference.abs, 0);

  test('clears the sign, that of a zero and of an infinity too', () => {
    const y = unary(variant, 'abs_forward')(Float32Array.of(0, -0, -1, NaN, Infinity, -Infinity, -1e-45, 4, -4));
    expectSameBits(y, [0, 0, 1, NaN, Infinity, Infinity, 1e-45, 4, 4].map(Math.fround));
  });
});
