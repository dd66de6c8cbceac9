// @ts-check
import { backendInfo } from 'simdgrad';
import { CLASSES, PIXELS } from './data.mjs';
import { count, thousands } from './format.mjs';

/** @import { BackendInfo } from 'simdgrad' */
/** @import { Data } from './data.mjs' */
/** @import { Options } from './options.mjs' */
/** @import { Epoch } from './train.mjs' */

/**
 * @typedef {object} Summary
 * @property {Options} options
 * @property {{ train: number, test: number }} counts
 * @property {number} accuracy on the test digits
 * @property {boolean} diverged whether the loss is no number any more
 * @property {{ median: number, examplesPerSecond: number } | undefined} step milliseconds; undefined without training
 * @property {BackendInfo} backend
 * @property {number} seconds from reading the digits to the last evaluation
 */

/**
 * @param {{ options: Options, data: Data, history: Epoch[], stepTimes: number[], began: number }} run
 * @returns {Summary}
 */
export function summarize({ options, data, history, stepTimes, began }) {
  const last = history[history.length - 1];
  const total = stepTimes.reduce((sum, time) => sum + time, 0);
  return {
    options,
    counts: { train: data.train.labels.length, test: data.test.labels.length },
    accuracy: last.test.accuracy,
    diverged: !Number.isFinite(last.train.loss),
    step:
      total === 0
        ? undefined
        : { median: median(stepTimes), examplesPerSecond: (1000 * stepTimes.length * options.batch) / total },
    backend: backendInfo(),
    seconds: (performance.now() - began) / 1000,
  };
}

/**
 * What the terminal shows at the end; the last line is the test accuracy.
 * @param {Summary} summary
 * @param {string} page
 */
export function summaryLines(summary, page) {
  const { options, counts, step, backend } = summary;
  const rows = [
    [
      'network',
      `${layers(options)}, batch ${options.batch}, learning rate ${options.learningRate}, seed ${options.seed}`,
    ],
    ['digits', `${thousands(counts.train)} to train, ${thousands(counts.test)} to test`],
    ...(step
      ? [
          ['training step', `${step.median.toFixed(3)} ms (median)`],
          ['speed', `${thousands(step.examplesPerSecond)} examples/s`],
        ]
      : []),
    ['kernels', kernels(backend)],
    ['memory', memory(backend)],
    ['time', `${summary.seconds.toFixed(1)} s`],
    ['page', page],
    ...(summary.diverged ? [['diverged', 'the loss is no number any more; try a smaller --learning-rate']] : []),
  ];
  const lines = rows.map(([name, text]) => `${name.padEnd(14)} ${text}`);
  return ['', ...lines, `test accuracy: ${summary.accuracy.toFixed(4)}`].join('\n');
}

/** @param {Options} options */
export function layers({ hidden, activation }) {
  return `${PIXELS}-${hidden}-${CLASSES}, ${activation === 'relu' ? 'ReLU' : 'sigmoid'}`;
}

/** @param {BackendInfo} backend */
export function kernels({ simd, threads }) {
  return `${simd} SIMD, ${count(threads, 'thread')}`;
}

/** @param {BackendInfo} backend */
export function memory({ memory: { bytes, live } }) {
  return `${mebibytes(live)} of ${mebibytes(bytes)} MiB in use`;
}

/** @param {number} bytes */
function mebibytes(bytes) {
  return (bytes / 2 ** 20).toFixed(1);
}

/** @param {number[]} values at least one */
function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
