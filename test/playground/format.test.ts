import { expect, test } from 'vitest';
import { count, short } from '../../playground/src/format.js';

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

test.each([
  [9000, '9,000'],
  [329_500, '330 k'],
  [999_499, '999 k'],
  [999_500, '1.00 M'],
  [1_234_567, '1.23 M'],
])('count: %i is shown as %s', (value, text) => {
  expect(count(value)).toBe(text);
});
