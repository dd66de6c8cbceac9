import { describe, expect, test } from 'vitest';
import { log64Error } from '../reference/log64';
import { generator } from '../support/seeds';
import { variants } from '../support/variants';

describe.each(variants)('log64, %s', (_name, { wasm }) => {
  test('is within 1 ULP of the true logarithm', () => {
    const next = generator(7);
    const near1 = Array.from({ length: 1000 }, () => 1 + (next() - 0.5) * 2 ** -Math.floor(next() * 40));
    const wide = Array.from({ length: 1000 }, () => 2 ** ((next() - 0.5) * 2040));
    const sums = Array.from({ length: 1000 }, (_, i) => 1 + i * next());
    const edges = [Math.SQRT2, Math.SQRT1_2, 2, 0.5, Number.MAX_VALUE, Number.MIN_VALUE, 2.2250738585072014e-308];
    const denormals = [-1023, -1030, -1040, -1050, -1060, -1070].map((e) => 1.25 * 2 ** e);
    for (const x of [...near1, ...wide, ...sums, ...edges, ...denormals]) {
      if (x === 1) continue;
      expect(Math.abs(log64Error(wasm.log64(x), x)), `ln ${x}`).toBeLessThan(1);
    }
  });

  test('keeps the special values', () => {
    const input = [0, -0, -1, -Infinity, NaN, Infinity, 1];
    expect(input.map((x) => wasm.log64(x))).toEqual([-Infinity, -Infinity, NaN, NaN, NaN, Infinity, 0]);
  });
});
