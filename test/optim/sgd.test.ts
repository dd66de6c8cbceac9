import { describe, expect, test } from 'vitest';
import * as reference from '../reference/sgd';
import { LENGTHS } from '../support/lengths';
import { hardFloats, normal } from '../support/seeds';
import { expectSameBits } from '../support/ulp';
import { variants } from '../support/variants';

const RATE = Math.fround(0.1);

describe.each(variants)('sgd, %s', (_name, { wasm, memory }) => {
  const update = (weights: Float32Array, gradient: Float32Array): Float32Array => {
    memory.reset();
    const w = memory.put(weights);
    const g = memory.put(gradient);
    wasm.sgd_update(w, g, weights.length, RATE);
    memory.checkGuards();
    expect(memory.f32(g, gradient.length)).toEqual(gradient);
    return memory.f32(w, weights.length);
  };

  test.each(LENGTHS)('sgd_update is within two roundings of float64 at n = %i, and touches nothing after n', (n) => {
    const w = normal(n, { seed: n });
    const g = normal(n, { seed: n + 1, std: 4 });
    const got = update(w, g);
    const exact = reference.sgd(w, g, RATE);
    for (let i = 0; i < n; i++) {
      const bound = 2 ** -24 * (Math.abs(RATE * g[i]!) + Math.abs(exact[i]!)) * 1.0001;
      expect(Math.abs(got[i]! - exact[i]!)).toBeLessThanOrEqual(bound);
    }
  });

  test('sgd_update carries NaN and infinities', () => {
    const got = update(Float32Array.of(1, 1, Infinity, NaN, 1), Float32Array.of(NaN, Infinity, Infinity, 0, 0));
    expect([...got]).toEqual([NaN, -Infinity, NaN, NaN, 1]);
  });

  test('sgd_update gives the same bits wherever a range is cut', () => {
    const w = hardFloats(64, { seed: 2 });
    const g = hardFloats(64, { seed: 3 });
    const whole = update(w, g);
    for (let cut = 0; cut <= 17; cut++) {
      const parts = [...update(w.subarray(0, cut), g.subarray(0, cut)), ...update(w.subarray(cut), g.subarray(cut))];
      expectSameBits(parts, whole);
    }
  });
});
