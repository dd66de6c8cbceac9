import { describe, test } from 'vitest';
import * as reference from '../reference/neg';
import { unary, unaryCases } from '../support/kernels';
import { expectSameBits } from '../support/ulp';
import { variants } from '../support/variants';

describe.each(variants)('neg, %s', (_name, variant) => {
  unaryCases(variant, 'neg_forward', reference.neg, 0);

  test('flips the sign, that of a zero and of an infinity too', () => {
    const y = unary(variant, 'neg_forward')(Float32Array.of(0, -0, -1, NaN, Infinity, -Infinity, -1e-45, 4, -4));
    expectSameBits(y, [-0, 0, 1, NaN, -Infinity, Infinity, 1e-45, -4, 4].map(Math.fround));
  });
});
