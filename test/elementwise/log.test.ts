import { describe, expect, test } from 'vitest';
import * as reference from '../reference/log';
import { unary, unaryCases } from '../support/kernels';
import { around, everyFloat, expectErrorBelow } from '../support/sweep';
import { variants } from '../support/variants';

/** The largest error over all float32 in the docstring of the kernel, whose last digit is rounded. */
const WORST = 0.85;

describe.each(variants)('log, %s', (_name, variant) => {
  unaryCases(variant, 'log_forward', reference.log, 1);

  test(`is within ${WORST} ULP at every 997th float32`, () =>
    expectErrorBelow(variant, 'log_forward', Math.log, WORST, everyFloat(997)));

  test(`is within ${WORST} ULP around 0, 1, the least normal, √½ and √2`, () => {
    const points = [0, 1, 1.1754944e-38, Math.SQRT1_2, Math.SQRT2, 1e-40, 3.4028233e38];
    expectErrorBelow(variant, 'log_forward', Math.log, WORST, around(points, 20000));
  });

  test('keeps the special values', () => {
    const input = Float32Array.of(0, -0, -1e-45, -1, -Infinity, NaN, Infinity, 1, 1e-45);
    expect([...unary(variant, 'log_forward')(input)]).toEqual(
      [-Infinity, -Infinity, NaN, NaN, NaN, NaN, Infinity, 0, Math.log(input[8]!)].map(Math.fround),
    );
  });
});
