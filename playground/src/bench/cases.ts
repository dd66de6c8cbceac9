import {
  Affine,
  matmul,
  Random,
  ReLU,
  relu,
  Sequential,
  SGD,
  SoftmaxWithLoss,
  sigmoid,
  softmax,
  type Tensor,
  zeros,
} from 'simdgrad';
import * as plain from '../../../bench/plain/elementwise.js';
import { matmul as plainMatmul } from '../../../bench/plain/matmul.js';
import { Trainer } from '../../../bench/plain/network.js';
import { softmax as plainSoftmax } from '../../../bench/plain/softmax.js';
import type { ROWS } from './list.js';

/** Two ways to the same result. */
export interface Contest {
  simdgrad(): void;
  plain(): void;
  /** The results of both, after both have run equally often. */
  results(): [simdgrad: ArrayLike<number>, plain: ArrayLike<number>];
  flop: number | undefined;
  dispose(): void;
}

const ELEMENTS = 65_536;
/** Small: measured thousands of times on one batch, the network must not come to gradients of zero. */
const LEARNING_RATE = 0.01;

function product(size: number, rng: Random): Contest {
  const [a, b] = [rng.normal([size, size]), rng.normal([size, size])];
  const out = zeros([size, size]);
  const [x, y] = [a.toTypedArray(), b.toTypedArray()];
  const z = new Float32Array(size * size);
  return {
    simdgrad: () => matmul(a, b, { out }),
    plain: () => plainMatmul(z, x, y, size, size, size),
    results: () => [out.toTypedArray(), z],
    flop: 2 * size ** 3,
    dispose: () => dispose(a, b, out),
  };
}

function elementwise(
  shape: number[],
  rng: Random,
  ours: (x: Tensor, options: { out: Tensor }) => unknown,
  theirs: (y: Float32Array, x: Float32Array) => void,
): Contest {
  const x = rng.normal(shape, { std: 4 });
  const out = zeros(shape);
  const input = x.toTypedArray();
  const output = new Float32Array(input.length);
  return {
    simdgrad: () => ours(x, { out }),
    plain: () => theirs(output, input),
    results: () => [out.toTypedArray(), output],
    flop: undefined,
    dispose: () => dispose(x, out),
  };
}

/** The book's network, 784-50-10, with a batch of 100. */
function training(rng: Random): Contest {
  const [inputs, hidden, classes, batch] = [784, 50, 10, 100];
  const first = Affine.init(inputs, hidden, { rng });
  const second = Affine.init(hidden, classes, { rng });
  const network = new Sequential([first, new ReLU(), second]);
  const criterion = new SoftmaxWithLoss();
  const optimizer = new SGD(network.parameters(), { learningRate: LEARNING_RATE });
  const x = rng.uniform([batch, inputs]);
  const labels = Int32Array.from({ length: batch }, (_, i) => i % classes);
  const parameters = () => [first.W, first.b, second.W, second.b].map((parameter) => parameter.toTypedArray());
  const start = parameters();
  const [W1, b1, W2, b2] = parameters();
  const sizes = [inputs, hidden, classes];
  const rival = new Trainer({ sizes, weights: [W1!, W2!], biases: [b1!, b2!] }, batch);
  const input = x.toTypedArray();
  return {
    simdgrad: () => {
      criterion.forward(network.forward(x), labels);
      network.backward(criterion.backward());
      optimizer.step();
    },
    plain: () => rival.step(input, labels, LEARNING_RATE),
    results: () => [change(start, parameters()), change(start, [W1!, b1!, W2!, b2!])],
    flop: batch * (4 * inputs * hidden + 6 * hidden * classes),
    dispose: () => {
      dispose(network, criterion, optimizer, x);
    },
  };
}

const MAKERS: Record<(typeof ROWS)[number]['id'], (rng: Random) => Contest> = {
  training,
  'matmul-64': (rng) => product(64, rng),
  'matmul-128': (rng) => product(128, rng),
  'matmul-256': (rng) => product(256, rng),
  'matmul-512': (rng) => product(512, rng),
  relu: (rng) => elementwise([ELEMENTS], rng, relu, plain.relu),
  sigmoid: (rng) => elementwise([ELEMENTS], rng, sigmoid, plain.sigmoid),
  softmax: (rng) => elementwise([100, 1000], rng, softmax, (y, x) => plainSoftmax(y, x, 1000)),
};

export function contest(id: keyof typeof MAKERS): Contest {
  return MAKERS[id](new Random(3));
}

/** What training changed, one number after the other: parameters by themselves hardly differ from those at the start. */
function change(from: Float32Array[], to: Float32Array[]): number[] {
  return to.flatMap((values, i) => Array.from(values, (value, j) => value - from[i]![j]!));
}

function dispose(...things: { dispose(): void }[]): void {
  for (const thing of things) thing.dispose();
}
