import { describe, expect, test } from 'vitest';
import * as reference from '../reference/log_softmax';
import { rowwise, rowwiseCases } from '../support/kernels';
import { COLS, logits } from '../support/rows';
import { variants } from '../support/variants';

describe.each(variants)('log_softmax, %s', (_name, variant) => {
  const run = rowwise(variant, 'log_softmax_forward');
  rowwiseCases(variant, 'log_softmax_forward');

  // x − max, its difference to the logarithm of the sum, and that logarithm: three roundings, no cancellation.
  test.each(COLS)('log_softmax_forward has a relative error ≤ 3·2^-24 in rows of %i', (cols) => {
    const input = logits(13, cols, { seed: cols });
    const got = run(input, 13, cols);
    const exact = reference.logSoftmax(input, cols);
    for (let i = 0; i < got.length; i++) {
      if (exact[i] === -Infinity) {
        expect(got[i]).toBe(-Infinity);
        continue;
      }
      const bound = 3 * 2 ** -24 * Math.abs(exact[i]!) + 2 ** -149 + 4e-13;
      expect(Math.abs(got[i]! - exact[i]!), `element ${i}: ${got[i]}, exact ${exact[i]}`).toBeLessThanOrEqual(bound);
    }
  });

  test('known rows', () => {
    expect([...run(Float32Array.of(1e4, 0), 1, 2)]).toEqual([0, -1e4]);
    expect([...run(Float32Array.of(-Infinity, 0), 1, 2)]).toEqual([-Infinity, 0]);
    expect([...run(Float32Array.of(7), 1, 1)]).toEqual([0]);
  });
});
