import { expect, test } from 'vitest';
import { short } from '../../playground/src/format.js';

test.each([
  [0, '0'],
  [12345, '12345'],
  [12345 * 2 * 1.1, '27159'],
  [2 * 100 * 1.1, '220'],
  [1.1 * 3, '3.3'],
  [-0.1 - 0.2, '−0.3'],
  [98901 * 1.1, '108791.1'],
])('short: %f is shown as %s', (value, text) => {
  expect(short(value)).toBe(text);
});
