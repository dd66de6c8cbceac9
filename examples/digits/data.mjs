// @ts-check
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { take, tensor } from 'simdgrad';

/** @import { Random, Tensor } from 'simdgrad' */

/**
 * @typedef {object} Raw All digits in the order of the files: pixels in 0 … 1, row by row, and what they show.
 * @property {Float32Array} pixels
 * @property {Uint8Array} labels
 */

/**
 * @typedef {object} Digits
 * @property {Tensor} images [N, 784]
 * @property {Uint8Array} labels [N]
 * @property {Int32Array} indices which of the raw digits these are
 */

/** @typedef {{ train: Digits, test: Digits }} Data */

export const SIDE = 28;
export const PIXELS = SIDE * SIDE;
export const CLASSES = 10;
export const TRAIN_COUNT = 9000;
export const TEST_COUNT = 1000;

/**
 * The digits of the package `mnist`: one JSON file for each class, about 1,000 digits in each.
 * @returns {Raw}
 */
export function readDigits() {
  const home = dirname(createRequire(import.meta.url).resolve('mnist/package.json'));
  const classes = Array.from({ length: CLASSES }, (_, digit) => {
    const file = join(home, 'src', 'digits', `${digit}.json`);
    const pixels = new Float32Array(JSON.parse(readFileSync(file, 'utf8')).data);
    if (pixels.length % PIXELS !== 0) {
      throw new Error(`${file}: expected digits of ${PIXELS} pixels, got ${pixels.length} numbers`);
    }
    return pixels;
  });
  const total = classes.reduce((sum, { length }) => sum + length, 0);
  const pixels = new Float32Array(total);
  const labels = new Uint8Array(total / PIXELS);
  let at = 0;
  for (const [digit, part] of classes.entries()) {
    pixels.set(part, at);
    labels.fill(digit, at / PIXELS, (at + part.length) / PIXELS);
    at += part.length;
  }
  return { pixels, labels };
}

/**
 * Two disjoint random selections, to train and to test.
 * @param {Raw} raw
 * @param {Random} rng
 * @param {{ trainCount?: number, testCount?: number }} [counts]
 * @returns {Data}
 */
export function split({ pixels, labels }, rng, { trainCount = TRAIN_COUNT, testCount = TEST_COUNT } = {}) {
  const count = labels.length;
  if (count < trainCount + testCount) {
    throw new RangeError(`split: expected at least ${trainCount + testCount} digits, got ${count}`);
  }
  const order = rng.permutation(count);
  const all = tensor(pixels, [count, PIXELS]);
  /** @param {Int32Array} indices */
  const select = (indices) => ({
    images: take(all, indices),
    labels: Uint8Array.from(indices, (i) => labels[i]),
    indices,
  });
  const data = {
    train: select(order.subarray(0, trainCount)),
    test: select(order.subarray(trainCount, trainCount + testCount)),
  };
  all.dispose();
  return data;
}
