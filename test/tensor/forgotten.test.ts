import { expect, test } from 'vitest';
import { type Tensor, zeros } from '../../src/index';
import { live } from '../support/facade';

test('whatever the order and the turn in which tensors are given back, each is given back once', async () => {
  const before = live();
  const made: Tensor[] = [];
  for (let round = 0; round < 4; round++) {
    for (let i = 0; i < 7; i++) made.push(zeros([i + 1, 5]));
    // Some of this turn, first, last and in between, and some that have seen the end of a turn.
    for (const at of [made.length - 1, 0, made.length >> 1, 2]) {
      const [t] = made.splice(at, 1);
      t?.dispose();
      t?.dispose();
    }
    await Promise.resolve();
  }
  const bytes = made.reduce((sum, t) => sum + t.size * 4, 0);
  expect(live()).toBe(before + bytes);
  for (const t of made) t.dispose();
  expect(live()).toBe(before);
});
