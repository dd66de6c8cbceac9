import { describe, expect, test } from 'vitest';
import * as reference from '../reference/exp';
import { unary, unaryCases } from '../support/kernels';
import { around, everyFloat, expectErrorBelow } from '../support/sweep';
import { variants } from '../support/variants';

/** The largest error over all float32 in the docstring of the kernel, whose last digit is rounded. */
const WORST = 1.42;

describe.each(variants)('exp, %s', (_name, variant) => {
  unaryCases(variant, 'exp_forward', reference.exp, 2);

  test(`is within ${WORST} ULP at every 997th float32`, () =>
    expectErrorBelow(variant, 'exp_forward', Math.exp, WORST, everyFloat(997)));

  test(`is within ${WORST} ULP around overflow, underflow, the clamps and the seams of the reduction`, () => {
    const seams = Array.from({ length: 280 }, (_, k) => (k - 151 + 0.5) * Math.LN2);
    const points = [0, 88.72283, 89, -87.33654, -103.27893, -103.97208, -104, -132, -176, ...seams];
    expectErrorBelow(variant, 'exp_forward', Math.exp, WORST, around(points, 2000));
  });

  test('keeps denormal results and the limits', () => {
    const input = [0, -0, 1e-45, 88.72283, 89, -103.9, -104, Infinity, -Infinity, NaN].map(Math.fround);
    const expected = [1, 1, 1, Math.exp(input[3]!), Infinity, 1e-45, 0, Infinity, 0, NaN].map(Math.fround);
    const got = [...unary(variant, 'exp_forward')(Float32Array.from(input))];
    expect(got[3]).toBeGreaterThan(3.4027e38);
    got[3] = expected[3]!;
    expect(got).toEqual(expected);
  });
});
