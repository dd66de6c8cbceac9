import { expect, test } from 'vitest';
import * as word from '../../src/threads/control';

test('a cell that is left is seen in whichever share it is, and only in one of the job', () => {
  const words = new Int32Array(word.CONTROL_BYTES / 4);
  words[word.SHARES] = 3;
  expect(word.anyLeft(words)).toBe(false);
  for (const share of [0, 1, 2, 3]) {
    words[word.LEFT + share * word.LINE] = 1;
    expect(word.anyLeft(words)).toBe(share < 3);
    words[word.LEFT + share * word.LINE] = 0;
  }
});

test('shares have all cells between them, and as many each', () => {
  for (const cells of [1, 2, 15, 16, 17, 1000]) {
    for (const shares of [1, 2, 3, 16]) {
      const ends = Array.from({ length: shares + 1 }, (_, share) => word.sharesBefore(share, shares, cells));
      expect([ends[0], ends[shares]]).toEqual([0, cells]);
      const sizes = ends.slice(1).map((end, share) => end - ends[share]!);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
    }
  }
});

test('a claim takes three quarters of its own share, half of another, one cell at least', () => {
  const portions = (own: boolean, most = 1000) => [1, 2, 3, 4, 100].map((left) => word.portion(left, most, own));
  expect(portions(true)).toEqual([1, 1, 2, 3, 75]);
  expect(portions(false)).toEqual([1, 1, 1, 2, 50]);
  expect(portions(true, 2)).toEqual([1, 1, 2, 2, 2]);
});

test('no word of the control block is that of another, and all fit', () => {
  const blocks: [begin: number, end: number][] = [
    [word.LEFT, word.LEFT + word.MAXIMUM_SHARES * word.LINE],
    [word.STATES, word.STATES + word.MAXIMUM_WORKERS],
    [word.BEATS, word.BEATS + word.MAXIMUM_WORKERS],
    [word.CUTS, word.CUTS + 2 * word.CUT_WORDS],
    // Of twice the size.
    [2 * word.VALUES, 2 * (word.VALUES + word.MAXIMUM_ARGUMENTS)],
    [2 * word.STRIDES, 2 * (word.STRIDES + 2 * word.MAXIMUM_ARGUMENTS)],
    [2 * word.JOB, 2 * (word.JOB + 1)],
  ];
  const { SEQUENCE, SHARES, ENDED, CALLER_SLEEPS, FAULT, STOP, KERNEL, ARGUMENTS, SCRATCH, KEPT, APART, MOST, OPEN } =
    word;
  const single = [SEQUENCE, SHARES, ENDED, CALLER_SLEEPS, FAULT, STOP, KERNEL, ARGUMENTS, SCRATCH, KEPT, APART, MOST];
  for (const at of [...single, OPEN]) blocks.push([at, at + 1]);
  blocks.sort((a, b) => a[0] - b[0]);
  let last = 0;
  for (const [begin, end] of blocks) {
    expect(begin).toBeGreaterThanOrEqual(last);
    last = end;
  }
  expect(last * 4).toBeLessThanOrEqual(word.CONTROL_BYTES);
});
