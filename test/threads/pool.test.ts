import { expect, test } from 'vitest';
import type { Plan } from '../../src/threads/plan';
import { Pool } from '../../src/threads/pool';

const CONTROL = 4096;

/** A pool of one thread, whose only kernel is `kernel(rows, columns)`: 10 × 10 cells. */
function tenByTen(kernel: (rows: number, columns: number) => void) {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  const pool = new Pool(memory, CONTROL, { kernel }, ['kernel'], 0);
  const cut = (count: number) => ({ count, total: 10, size: 1, strides: [] });
  const plan: Plan = { cuts: [cut(1), cut(0)], scratch: -1, cost: 1 };
  return () => pool.run(0, [10, 10], plan);
}

test('a claim runs whole lines of cells in one call, what is left of a line in another', () => {
  const calls: number[][] = [];
  tenByTen((rows, columns) => calls.push([rows, columns]))();
  expect(calls.slice(0, 2)).toEqual([
    [7, 10],
    [1, 5],
  ]);
  expect(calls.reduce((sum, [rows, columns]) => sum + rows! * columns!, 0)).toBe(100);
  expect(calls.length).toBeLessThan(12);
});

test.each([1, 2, 3])('a kernel that throws in call %i ends the job at once, and the next one is whole', (bad) => {
  let calls = 0;
  let cells = 0;
  const run = tenByTen((rows, columns) => {
    if (++calls === bad) throw new Error('made to throw');
    cells += rows * columns;
  });
  expect(run).toThrow('made to throw'); // and no ThreadError, as for a cell that never ends
  cells = 0;
  run();
  expect(cells).toBe(100);
});
