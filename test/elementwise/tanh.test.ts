import { describe, test } from 'vitest';
import * as reference from '../reference/tanh';
import { unary, unaryCases } from '../support/kernels';
import { around, everyFloat, expectErrorBelow } from '../support/sweep';
import { expectSameBits } from '../support/ulp';
import { variants } from '../support/variants';

/** The largest error over all float32 in the docstring of the kernel, whose last digit is rounded. */
const WORST = 1.76;

describe.each(variants)('tanh, %s', (_name, variant) => {
  unaryCases(variant, 'tanh_forward', reference.tanh, 2);

  test(`is within ${WORST} ULP at every 997th float32`, () =>
    expectErrorBelow(variant, 'tanh_forward', Math.tanh, WORST, everyFloat(997)));

  test(`is within ${WORST} ULP around the split, the clamp, the denormals and the seams of the reduction`, () => {
    const seams = Array.from({ length: 28 }, (_, k) => ((k + 0.5) * Math.LN2) / 2);
    const points = [0, 1e-40, 1.1754944e-38, 0.55, 9.01, 10, ...seams];
    expectErrorBelow(variant, 'tanh_forward', Math.tanh, WORST, around([...points, ...points.map((p) => -p)], 5000));
  });

  test('keeps the special values', () => {
    const input = Float32Array.of(0, -0, 1e-40, -1e-45, Infinity, -Infinity, NaN, 3e38, -3e38);
    expectSameBits(unary(variant, 'tanh_forward')(input), [0, -0, input[2]!, input[3]!, 1, -1, NaN, 1, -1]);
  });
});
