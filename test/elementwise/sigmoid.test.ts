import { describe, expect, test } from 'vitest';
import * as reference from '../reference/sigmoid';
import { expectGradient } from '../support/gradient';
import { backwardCases, unary, unaryCases } from '../support/kernels';
import { hardFloats, normal } from '../support/seeds';
import { around, everyFloat, expectErrorBelow } from '../support/sweep';
import { expectWithinUlp } from '../support/ulp';
import { variants } from '../support/variants';

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** The largest error over all float32 in the docstring of the kernel, whose last digit is rounded. */
const WORST = 2.45;

describe.each(variants)('sigmoid, %s', (_name, variant) => {
  unaryCases(variant, 'sigmoid_forward', reference.sigmoid, 3);

  // 1 − y and two products: three roundings.
  const outputs = (n: number) => Float32Array.from(reference.sigmoid(hardFloats(n, { seed: n + 1 })));
  backwardCases(variant, 'sigmoid_backward', reference.sigmoidBackward, outputs, 2);

  test(`is within ${WORST} ULP at every 997th float32`, () =>
    expectErrorBelow(variant, 'sigmoid_forward', sigmoid, WORST, everyFloat(997)));

  test(`is within ${WORST} ULP around the clamps, the denormals and the seams of the reduction`, () => {
    const seams = Array.from({ length: 180 }, (_, k) => (k - 150 + 0.5) * Math.LN2);
    const points = [0, 16.6, 20, -87.33654, -103.27893, -103.97208, -104, -132.4, ...seams];
    expectErrorBelow(variant, 'sigmoid_forward', sigmoid, WORST, around(points, 2000));
  });

  test('keeps denormal results and the limits', () => {
    const input = Float32Array.of(-88, -89, -104, NaN, Infinity, -Infinity, -0, 0, 20);
    const got = unary(variant, 'sigmoid_forward')(input);
    expectWithinUlp(got.subarray(0, 3), Float64Array.from(input.subarray(0, 3), sigmoid), 1);
    expect(got[0]).toBeCloseTo(6.0546e-39, 43);
    expect([...got.subarray(2)]).toEqual([0, NaN, 1, 0, 0.5, 0.5, 1]);
  });

  test('has no NaN gradient far out', () => {
    const { wasm, memory } = variant;
    memory.reset();
    const x = memory.put(Float32Array.of(200, -200, Infinity, -Infinity));
    const y = memory.out(4);
    wasm.sigmoid_forward(y, x, 4);
    wasm.sigmoid_backward(y, memory.put(Float32Array.of(1, 1, 1, 1)), y, 4);
    expect([...memory.f32(y, 4)]).toEqual([0, 0, 0, 0]);
  });
});

test('sigmoid: the reference gradient equals central differences', () =>
  expectGradient(
    reference.sigmoid,
    (dout, x) => reference.sigmoidBackward(dout, reference.sigmoid(x)),
    Float64Array.from(normal(15, { seed: 1 })),
  ));
