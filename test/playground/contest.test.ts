import { expect, test } from 'vitest';
import { within } from '../../bench/support/check.js';
import { contest } from '../../playground/src/bench/cases.js';

const [W1, b1, W2, b2] = [784 * 50, 50, 50 * 10, 10];

test('training: both change all parameters alike, and one that was never changed would be noticed', () => {
  const training = contest('training');
  for (let i = 0; i < 5; i++) {
    training.simdgrad();
    training.plain();
  }
  const [ours, theirs] = training.results().map((values) => Float64Array.from(values)) as [Float64Array, Float64Array];
  training.dispose();
  expect(ours).toHaveLength(W1 + b1 + W2 + b2);
  expect(within(ours, theirs, 1e-3)).toBeUndefined();
  let at = 0;
  for (const length of [W1, b1, W2, b2]) {
    const unchanged = ours.slice().fill(0, at, at + length);
    expect(within(unchanged, theirs, 1e-3), `${length} from ${at}`).toBeDefined();
    at += length;
  }
});
