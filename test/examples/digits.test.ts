import { beforeAll, describe, expect, test } from 'vitest';
import { type Data, type Raw, readDigits, split } from '../../examples/digits/data.mjs';
import { evaluate, findMistakes, type Mistake } from '../../examples/digits/evaluate.mjs';
import { createNetwork } from '../../examples/digits/network.mjs';
import { readOptions, UsageError } from '../../examples/digits/options.mjs';
import { niceTicks } from '../../examples/digits/page/chart.mjs';
import { renderPage } from '../../examples/digits/page/page.mjs';
import { inkUri } from '../../examples/digits/page/png.mjs';
import { type Summary, summarize, summaryLines } from '../../examples/digits/summary.mjs';
import { type Epoch, train } from '../../examples/digits/train.mjs';
import { backendInfo, Random } from '../../src/index.js';

let raw: Raw;

beforeAll(() => {
  raw = readDigits();
});

function smallData(seed: number): { data: Data; rng: Random } {
  const rng = new Random(seed);
  return { data: split(raw, rng, { trainCount: 2000, testCount: 500 }), rng };
}

describe('options', () => {
  test('without arguments, the two-layer network of the book with ReLU', () => {
    expect(readOptions([])).toMatchObject({ activation: 'relu', hidden: 50, batch: 100, seed: 1, help: false });
  });

  test('threads are a number or auto', () => {
    expect([[], ['--threads', '4'], ['--threads=auto']].map((args) => readOptions(args).threads)).toEqual([
      1,
      4,
      'auto',
    ]);
  });

  test('the default learning rate follows the activation, and a given one wins', () => {
    expect(readOptions(['--activation', 'sigmoid']).learningRate).toBeGreaterThan(readOptions([]).learningRate);
    expect(readOptions(['--activation=sigmoid', '--learning-rate=0.5']).learningRate).toBe(0.5);
  });

  test.each([
    [['--activation', 'tanh'], "--activation: expected relu or sigmoid, got 'tanh'"],
    [['--epochs', '2.5'], "--epochs: expected an integer in 0 … 1000, got '2.5'"],
    [['--epochs=-1'], "--epochs: expected an integer in 0 … 1000, got '-1'"],
    [['--hidden', '0'], "--hidden: expected an integer in 1 … 4096, got '0'"],
    [['--batch', '9001'], "--batch: expected an integer in 1 … 9000, got '9001'"],
    [['--batch', ''], "--batch: expected an integer in 1 … 9000, got ''"],
    [['--threads', 'all'], "--threads: expected an integer in 1 … 129, got 'all'"],
    [['--seed', '1e3'], "--seed: expected an integer in 0 … 9007199254740991, got '1e3'"],
    [['--learning-rate', '0'], "--learning-rate: expected a number > 0, got '0'"],
    [['--learning-rate', 'fast'], "--learning-rate: expected a number > 0, got 'fast'"],
    [['--learning-rate', 'Infinity'], "--learning-rate: expected a number > 0, got 'Infinity'"],
    [['--speed', '9'], "Unknown option '--speed'"],
    [['9'], "Unexpected argument '9'"],
  ])('%j is refused with a clear message', (args, message) => {
    expect(() => readOptions(args)).toThrow(UsageError);
    expect(() => readOptions(args)).toThrow(message);
  });
});

describe('data', () => {
  test('are 10,000 digits of all classes with pixels in 0 … 1', () => {
    expect(raw.labels.length).toBe(10_000);
    expect(new Set(raw.labels).size).toBe(10);
    expect(raw.pixels.length).toBe(10_000 * 784);
    expect(raw.pixels.every((value) => value >= 0 && value <= 1)).toBe(true);
  });

  test('train and test are disjoint, and each row is the digit that its index names', () => {
    const { data } = smallData(1);
    const { train, test } = data;
    expect(new Set([...train.indices, ...test.indices]).size).toBe(2500);
    for (const { images, labels, indices } of [train, test]) {
      expect(images.shape).toEqual([indices.length, 784]);
      const at = indices.length - 1;
      expect(labels[at]).toBe(raw.labels[indices[at]]);
      expect(images.data.slice(at * 784)).toEqual(raw.pixels.slice(indices[at] * 784, (indices[at] + 1) * 784));
    }
  });

  test('the seed alone decides about the split', () => {
    expect(smallData(7).data.test.indices).toEqual(smallData(7).data.test.indices);
    expect(smallData(7).data.test.indices).not.toEqual(smallData(8).data.test.indices);
  });

  test('asking for more digits than there are is an error', () => {
    expect(() => split(raw, new Random(1), { trainCount: 9000, testCount: 1001 })).toThrow(RangeError);
  });
});

describe.each([
  ['relu', 0.4],
  ['sigmoid', 2],
] as const)('training with %s', (activation, learningRate) => {
  const run = (epochs: number) => {
    const { data, rng } = smallData(3);
    const network = createNetwork({ hidden: 50, activation }, rng);
    return { data, network, ...train(network, data, { epochs, batch: 50, learningRate }, rng) };
  };

  test('begins at chance and reads over 80 % after two epochs of 2,000 digits', () => {
    const { history, stepTimes } = run(2);
    expect(history.map(({ epoch }) => epoch)).toEqual([0, 1, 2]);
    expect(history[0].test.accuracy).toBeLessThan(0.3);
    expect(history[2].test.accuracy).toBeGreaterThan(0.8);
    expect(history[2].train.loss).toBeLessThan(history[1].train.loss);
    expect(stepTimes.length).toBe(2 * 40);
  });

  test('gives the same numbers for the same seed', () => {
    expect(run(1).history).toEqual(run(1).history);
  });

  test('leaves no tensors behind', () => {
    const { data, rng } = smallData(3);
    const network = createNetwork({ hidden: 50, activation }, rng);
    const options = { epochs: 1, batch: 50, learningRate };
    train(network, data, options, rng);
    const { live } = backendInfo().memory;
    train(network, data, options, rng);
    findMistakes(network, data.test);
    expect(backendInfo().memory.live).toBe(live);
  });
});

test('mistakes are all digits that were read wrongly, the surest first', () => {
  const { data, rng } = smallData(4);
  const network = createNetwork({ hidden: 10, activation: 'relu' }, rng);
  train(network, data, { epochs: 1, batch: 100, learningRate: 0.4 }, rng);
  const mistakes = findMistakes(network, data.test);
  expect(mistakes.length).toBe(Math.round((1 - evaluate(network, data.test).accuracy) * 500));
  expect(mistakes.length).toBeGreaterThan(0);
  const probabilities = mistakes.map(({ probability }) => probability);
  expect(probabilities).toEqual(probabilities.toSorted((a, b) => b - a));
  for (const { label, predicted, probability, pixels } of mistakes) {
    expect(predicted).not.toBe(label);
    expect(probability).toBeGreaterThan(0.1);
    expect(probability).toBeLessThanOrEqual(1);
    expect(pixels.length).toBe(784);
  }
});

describe('report', () => {
  const epoch = (n: number, loss: number): Epoch => ({
    epoch: n,
    train: { loss, accuracy: 0.99 },
    test: { loss: loss + 0.1, accuracy: 0.953 },
  });
  const mistakes: Mistake[] = [
    { pixels: new Float32Array(784).fill(0.5), label: 4, predicted: 9, probability: 0.8765 },
    { pixels: new Float32Array(784), label: 4, predicted: 9, probability: 0.9999 },
  ];
  let summary: Summary;

  const summarized = (history: Epoch[], stepTimes: number[]) => {
    const { data } = smallData(1);
    return summarize({ options: readOptions([]), data, history, stepTimes, began: performance.now() });
  };

  beforeAll(() => {
    summary = summarized([epoch(0, 2.3), epoch(1, 0.2)], [3, 1, 8, 2]);
  });

  test('ends with the test accuracy', () => {
    const lines = summaryLines(summary, 'digits.html').split('\n');
    expect(lines.at(-1)).toBe('test accuracy: 0.9530');
  });

  test('tells the median of the step times, speed, kernels, threads and memory', () => {
    const text = summaryLines(summary, 'digits.html');
    expect(text).toContain('2.500 ms');
    expect(text).toContain('28,571 examples/s');
    expect(text).toMatch(/kernels +(relaxed|baseline) SIMD, \d+ threads?/);
    expect(text).toMatch(/memory +[\d.]+ of [\d.]+ MiB/);
  });

  test('without training, it has no step time; with a loss that is none, it says so', () => {
    expect(summaryLines(summarized([epoch(0, 2.3)], []), 'digits.html')).not.toContain('training step');
    const diverged = summaryLines(summarized([epoch(0, 2.3), epoch(1, Number.NaN)], [1]), 'digits.html');
    expect(diverged).toContain('diverged');
    expect(diverged.split('\n').at(-1)).toBe('test accuracy: 0.9530');
  });

  test('the page stands alone: no script, nothing fetched', () => {
    const page = renderPage(summary, [epoch(0, 2.3), epoch(1, 0.3), epoch(2, 0.2)], mistakes);
    expect(page).not.toMatch(/<script|<link|@import|url\(|https?:/);
    for (const [, source] of page.matchAll(/src="([^"]*)"/g)) expect(source).toMatch(/^data:image\/png;base64,/);
  });

  test('the page shows the curves, and each mistake with label, answer and probability', () => {
    const page = renderPage(summary, [epoch(0, 2.3), epoch(1, 0.3), epoch(2, 0.2)], mistakes);
    expect(page).toContain('95.3%');
    expect(page.match(/<path class="line (train|test)" d="M[^"]*L/g)).toHaveLength(4);
    expect(page).toContain('Epoch 2: train 0.200, test 0.300');
    expect(page.match(/<img /g)).toHaveLength(2);
    expect(page).toContain('alt="Handwritten 4"');
    expect(page).toContain('<b>4</b> read as <b class="wrong">9</b>');
    expect(page).toContain('87.6% sure');
    expect(page).toContain('99.9% sure');
    expect(page).toContain('4 read as 9, 2 times');
  });

  test.each([
    ['no epoch', [epoch(0, 2.3)]],
    ['a loss that is no number', [epoch(0, 2.3), epoch(1, Number.NaN), epoch(2, Number.NaN)]],
    ['a loss that is infinite', [epoch(0, 2.3), epoch(1, Infinity)]],
    ['a loss that stays zero', [epoch(0, -0.1), epoch(1, 0), epoch(2, 0)]],
  ])('the page draws %s without a broken coordinate', (_name, history) => {
    const page = renderPage(summary, history, []);
    expect(page).not.toMatch(/ (d|x|y|cx|cy|width)="[^"]*(NaN|Infinity)/);
    expect(page).toContain('No mistakes');
  });

  test('ticks are round and enclose the range', () => {
    expect(niceTicks(0, 0.43, 5)).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5]);
    expect(niceTicks(0.87, 1, 5)).toEqual([0.85, 0.9, 0.95, 1]);
    expect(niceTicks(1, 40, 6)).toEqual([0, 10, 20, 30, 40]);
  });

  test('a drawn digit is a PNG whose opacity is the pixel', async () => {
    const png = Buffer.from(inkUri([0, 1, 0.2, 0.6], 2).split(',')[1], 'base64');
    const { crc32, inflateSync } = await import('node:zlib');
    expect(png.toString('latin1', 12, 16)).toBe('IHDR');
    const length = png.readUInt32BE(33);
    expect(png.toString('latin1', 37, 41)).toBe('IDAT');
    expect([...inflateSync(png.subarray(41, 41 + length))]).toEqual([0, 0, 0, 0, 255, 0, 0, 51, 0, 153]);
    expect(png.readUInt32BE(41 + length)).toBe(crc32(png.subarray(37, 41 + length)));
  });
});
