import { describe, expect, test } from 'vitest';
import { type Cut, cellsOf, limits, type Plan } from '../../src/threads/plan';
import { product } from '../../src/threads/product';

/** Which arguments of gemm are the counts of rows and columns. */
const [M, N] = [8, 9];

/** The plan of C[m, n] = op(A)[m, k]·B[k, n]; undefined where it stays one call. */
function planOf(m: number, k: number, n: number, transposeA = false): Plan | undefined {
  let plan: Plan | undefined;
  const multiply = product({
    call: () => {},
    helps: () => true,
    split: (_args, cut) => (plan = cut),
    run: () => {},
    raw: {} as never,
    partials: 0,
    partialBytes: 0,
  });
  multiply(0, n, 0, transposeA ? m : k, Number(transposeA), 0, n, 0, m, n, k, 1, 0, 0, 0, 0, 6);
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
      const [columns, rows] = [N, M].map((count) => plan.cuts.find((cut) => cut.count === count)!) as [Cut, Cut];
      expect([columns.total, rows.total]).toEqual([n, m]);
      expect(cellsOf(plan)).toBeGreaterThanOrEqual(least);
      expect(columns.size === n || columns.size % 16 === 0).toBe(true);
      expect(rows.size === m || rows.size % 12 === 0).toBe(true);
      expect(2 * columns.size * rows.size * k).toBeGreaterThanOrEqual(limits.productLeast / 4);
    }
  });

  test('the columns of one band are cut down to about 60 µs, rows first; several bands are not', () => {
    for (const [n, counts, heights] of [
      [256, [M, N], [256, 256]],
      [512, [M, N], [84, 180]],
      [2048, [N, M], [300, 500]],
    ] as const) {
      const { cuts } = planOf(n, n, n)!;
      expect(cuts.map(({ count }) => count)).toEqual(counts);
      const rows = cuts.find(({ count }) => count === M)!;
      expect(rows.size).toBeGreaterThanOrEqual(heights[0]);
      expect(rows.size).toBeLessThanOrEqual(heights[1]);
    }
  });

  test('where A is packed and one block holds the terms: rows first, and B is kept', () => {
    for (const [m, k, n] of [
      [512, 512, 512],
      [784, 128, 1024],
      [784, 100, 50],
    ] as const) {
      const { cuts, kept } = planOf(m, k, n, true)!;
      expect(kept).toBe(17);
      expect(cuts[0]).toMatchObject({ count: M, total: m });
      expect(cuts[0].size * 8).toBeLessThanOrEqual(m);
      expect(cuts[1]).toMatchObject({ count: N, total: n, size: Math.min(n, 512) });
      expect(planOf(m, k, n, false)!.kept).toBe(-1);
    }
    // Two blocks, or too few rows.
    expect(planOf(1024, 1024, 1024, true)!.kept).toBe(-1);
    expect(planOf(24, 500, 2000, true)!.cuts[1].size).toBeLessThan(500);
  });

  test.each([
    [80, 80, 80],
    [1000, 1, 100],
    [8, 8, 1000],
    [300, 0, 300],
  ])('%i×%i×%i stays one call', (m, k, n) => expect(planOf(m, k, n)).toBeUndefined());
});

test('few rows of A·Bᵀ are cut over rows and columns, never over k', () => {
  let plan: Plan | undefined;
  const multiply = product({
    call: () => {},
    helps: () => true,
    split: (_args, cut) => (plan = cut),
    run: () => expect.fail('cut over k'),
    raw: {} as never,
    partials: 0,
    partialBytes: 2 ** 19,
  });
  const [m, n, k] = [4, 600, 4000];
  multiply(0, n, 0, k, 0, 0, k, 1, m, n, k, 1, 0, 0, 0, 0, 1);
  expect(plan!.cuts.map(({ count }) => count).sort()).toEqual([M, N]);
});
