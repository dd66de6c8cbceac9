import { describe, expect, test } from 'vitest';
import { cellsOf, grid, limits, line, roundUp } from '../../src/threads/plan';

const strides = [4, 4];
/** µs, in cells. */
const cells = (n: number) => n * limits.cell;

describe('one dimension', () => {
  test('comes in cells that take about as long as one should', () => {
    const plan = line({ count: 2, total: 1000, strides }, cells(4) / 1000);
    expect(plan.cuts[0]).toEqual({ count: 2, total: 1000, size: 250, strides });
    expect(plan).toMatchObject({ scratch: -1, cost: cells(4) });
    expect(cellsOf(plan)).toBe(4);
    expect(cellsOf(line({ count: 2, total: 1000, strides }, cells(3.6) / 1000))).toBe(4);
  });

  test('in whole multiples; the last cell may be shorter', () => {
    const plan = line({ count: 2, total: 1001, strides, multiple: 16 }, cells(4) / 1001);
    expect(plan.cuts[0].size).toBe(256);
    expect(cellsOf(plan)).toBe(4);
    expect(cellsOf(line({ count: 2, total: 1025, strides, multiple: 16 }, cells(4) / 1025))).toBe(4);
    expect(cellsOf(line({ count: 2, total: 1025, strides, multiple: 256 }, cells(4) / 1025))).toBe(3);
  });

  test('in two cells at least, and in one where the multiple is as long', () => {
    expect(cellsOf(line({ count: 2, total: 100, strides }, cells(1) / 100))).toBe(2);
    const whole = line({ count: 2, total: 100, strides, multiple: 128 }, 1000);
    expect(whole.cuts[0].size).toBe(100);
    expect(cellsOf(whole)).toBe(1);
  });
});

describe('rows and columns', () => {
  const sizes = (rows: number, columns: number, cost: number) =>
    grid({ count: 3, total: rows, strides }, { count: 4, total: columns, strides, multiple: 16 }, cost).cuts.map(
      ({ count, size }) => [count, size],
    );

  test('are cut over rows where there are enough of them', () => {
    const columns = [4, 100];
    expect(sizes(80, 100, cells(8) / 8000)).toEqual([columns, [3, 10]]);
    expect(sizes(8, 100, cells(8) / 800)).toEqual([columns, [3, 1]]);
    const plan = grid({ count: 3, total: 85, strides }, { count: 4, total: 100, strides }, cells(4) / 8500);
    expect([plan.cuts[1].size, cellsOf(plan)]).toEqual([22, 4]);
  });

  test('over columns, too, where there are fewer rows than cells: no fewer cells than without', () => {
    expect(sizes(3, 800, cells(8) / 2400)).toEqual([
      [4, roundUp(800 / 3, 16)],
      [3, 1],
    ]);
    expect(sizes(1, 800, cells(8) / 800)).toEqual([
      [4, 112],
      [3, 1],
    ]);
  });

  test('the cost is that of all elements', () => {
    const plan = grid({ count: 3, total: 3, strides }, { count: 4, total: 800, strides }, 0.5);
    expect(plan).toMatchObject({ scratch: -1, cost: 1200 });
    expect(cellsOf(plan)).toBe(48);
  });
});
