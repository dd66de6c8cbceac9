import { describe, expect, test } from 'vitest';
import { cellsOf, limits, type Plan } from '../../src/threads/plan';
import { product } from '../../src/threads/product';

/** The plan of C[m, n] = op(A)[m, k]·B[k, n]; undefined where it stays one call. */
function planOf(m: number, k: number, n: number, transposeA = false): Plan | undefined {
  let plan: Plan | undefined;
  const multiply = product(
    transposeA,
    false,
  )({
    call: () => {},
    helps: () => true,
    split: (_args, cut) => (plan = cut),
    run: () => {},
    raw: {} as never,
    partials: 0,
  });
  multiply(0, n, 0, transposeA ? m : k, 0, n, m, n, k, 1, 0, 0, 0, 0, 6);
  return plan;
}

describe('the grid of a product', () => {
  test.each([
    // m, k, n, cells at least: enough for 8 threads where the work is.
    [512, 512, 512, 32],
    [128, 784, 1024, 48],
    [784, 128, 1024, 48],
    [2048, 2048, 2048, 500],
    [60_000, 784, 10, 32],
    [60_000, 784, 24, 32],
    [10, 784, 60_000, 48],
    [2, 4096, 100_000, 48],
    [100, 784, 50, 6],
    [4000, 100, 10, 8],
    [4, 784, 600, 6],
  ])('%i×%i×%i: cells of whole tiles, many, but none too small', (m, k, n, least) => {
    for (const transposeA of [false, true]) {
      const plan = planOf(m, k, n, transposeA)!;
      const [columns, rows] = plan.cuts;
      expect([columns.total, rows.total]).toEqual([n, m]);
      expect(cellsOf(plan)).toBeGreaterThanOrEqual(least);
      expect(columns.size === n || columns.size % 16 === 0).toBe(true);
      expect(rows.size === m || rows.size % 12 === 0).toBe(true);
      expect(2 * columns.size * rows.size * k).toBeGreaterThanOrEqual(limits.productLeast / 4);
    }
  });

  test.each([
    [80, 80, 80],
    [1000, 1, 100],
    [8, 8, 1000],
    [300, 0, 300],
  ])('%i×%i×%i stays one call', (m, k, n) => expect(planOf(m, k, n)).toBeUndefined());
});
