import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  Affine,
  abs,
  add,
  argmax,
  backendInfo,
  concat,
  crossEntropy,
  div,
  exp,
  log,
  logSoftmax,
  matmul,
  max,
  maximum,
  mean,
  min,
  minimum,
  mul,
  neg,
  Random,
  ReLU,
  relu,
  Sequential,
  SGD,
  Sigmoid,
  SoftmaxWithLoss,
  sigmoid,
  slice,
  softmax,
  sqrt,
  sub,
  sum,
  sumTo,
  type Tensor,
  take,
  tanh,
  tidy,
  transpose,
} from '../../src/index';
import { setThreads } from '../../src/threads/index';
import { limits } from '../../src/threads/plan';
import { normalTensor } from '../support/facade';

const COUNTS = [1, 2, 3, 4, 8];
const usual = { ...limits };

// Small shapes are cut too, and every worker is woken for them.
beforeAll(() => void Object.assign(limits, { least: 0, cell: 0.05, wake: 0, productLeast: 5000 }));
afterAll(async () => {
  Object.assign(limits, usual);
  await setThreads(1);
});

type Shape = number[];
type Op = (a: Tensor, b: Tensor) => Tensor | ArrayLike<number> | number;

/** Every public operation, on tensors a [m, n] and b [n, p]. */
const ops: Record<string, Op> = {
  abs: (a) => abs(a),
  exp: (a) => exp(a),
  log: (a) => log(a),
  neg: (a) => neg(a),
  relu: (a) => relu(a),
  sigmoid: (a) => sigmoid(a),
  sqrt: (a) => sqrt(a),
  tanh: (a) => tanh(a),
  softmax: (a) => softmax(a),
  logSoftmax: (a) => logSoftmax(a),
  add: (a) => add(a, sigmoid(a)),
  'add in place': (a) => add(a, sigmoid(a), { out: a }),
  sub: (a) => sub(a, slice(a, 0, 1)),
  mul: (a) => mul(a, slice(a, 0, 1, { axis: 1 })),
  div: (a) => div(a, 3),
  maximum: (a) => maximum(a, neg(a)),
  minimum: (a) => minimum(slice(a, 0, 1, { axis: 1 }), slice(a, 0, 1)),
  matmul: (a, b) => matmul(a, b),
  'matmul, a transposed': (a) => matmul(a, sigmoid(a), { transposeA: true }),
  'matmul, b transposed': (a) => matmul(a, sigmoid(a), { transposeB: true }),
  'matmul, both transposed': (a, b) => matmul(b, a, { transposeA: true, transposeB: true }),
  'matmul, a vector and a matrix': (a, b) => matmul(slice(a, 0, 1).reshape([a.shape[1]!]), b),
  'matmul, two rows, b transposed': (a) => matmul(slice(a, 0, 2), a, { transposeB: true }),
  'matmul, a fifth of the rows, b transposed': (a) =>
    matmul(slice(a, 0, Math.ceil(a.shape[0]! / 5)), a, { transposeB: true }),
  'matmul, a matrix and a vector': (a) => matmul(a, slice(a, 0, 1).reshape([a.shape[1]!])),
  'sum of all': (a) => sum(a),
  'sum, axis 0': (a) => sum(a, { axis: 0 }),
  'sum, axis 1': (a) => sum(a, { axis: 1 }),
  mean: (a) => mean(a),
  max: (a) => max(a, { axis: 0 }),
  min: (a) => min(a, { axis: 1 }),
  'argmax of all': (a) => argmax(a),
  argmax: (a) => argmax(a, { axis: 1 }),
  sumTo: (a) => sumTo(a, [1, a.shape[1]!]),
  crossEntropy: (a) =>
    crossEntropy(
      a,
      Array.from({ length: a.shape[0]! }, (_, i) => i % a.shape[1]!),
    ),
  'crossEntropy of rows': (a) => crossEntropy(a, softmax(a)),
  take: (a) => take(a, [0, a.shape[0]! - 1, 0]),
  transpose: (a) => transpose(a),
  concat: (a) => concat([a, a]),
};

function values(result: ReturnType<Op>): ArrayLike<number> {
  if (typeof result === 'number') return [result];
  return 'toTypedArray' in result ? result.toTypedArray() : result;
}

/** A network's loss, outputs and gradients. */
function step(m: number, n: number, p: number): ArrayLike<number>[] {
  const rng = new Random(5);
  const net = new Sequential([Affine.init(n, p, { rng }), new ReLU(), Affine.init(p, 7, { rng }), new Sigmoid()]);
  const criterion = new SoftmaxWithLoss();
  const x = normalTensor([m, n], 6);
  const y = net.forward(x);
  const labels = Int32Array.from({ length: m }, (_, i) => i % 7);
  const loss = criterion.forward(y, labels);
  const results: ArrayLike<number>[] = [[loss], y.toTypedArray()];
  results.push(net.backward(criterion.backward(), { inputGrad: true }).toTypedArray());
  for (const { grad } of net.parameters()) results.push(grad!.toTypedArray());
  for (const owner of [net, criterion, x]) owner.dispose();
  return results;
}

function everything([m, n, p]: Shape): Map<string, ArrayLike<number>> {
  const results = new Map<string, ArrayLike<number>>();
  for (const [name, op] of Object.entries(ops)) {
    tidy(() => void results.set(name, values(op(normalTensor([m!, n!], 1), normalTensor([n!, p!], 2)))));
  }
  for (const [i, result] of step(m!, n!, p!).entries()) results.set(`training step, result ${i}`, result);
  return results;
}

describe('the same bits for 1, 2, 3, 4 and 8 threads', () => {
  test('every operation and a training step, random shapes', async () => {
    const shape = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 3, maxLength: 3 });
    const few = [
      [5, 131, 85],
      [5, 1100, 85],
      [12, 300, 70],
      [200, 9, 40],
    ];
    const shapes = [
      ...fc.sample(shape, { numRuns: 12, seed: 11 }),
      [2, 1500, 3],
      [1500, 17, 5],
      [129, 130, 131],
      ...few,
    ];
    const expected = shapes.map(everything);
    for (const n of COUNTS) {
      expect(await setThreads(n)).toBe(n);
      for (const [i, each] of shapes.entries()) {
        for (const [name, result] of everything(each)) {
          const wanted = expected[i]!.get(name)!;
          const at = Array.prototype.findIndex.call(wanted, (value, j) => !Object.is(value, result[j]));
          if (at >= 0)
            expect.fail(`${name} of [${each}] on ${n} threads: ${result[at]}, alone ${wanted[at]} (at ${at})`);
        }
      }
    }
  });

  test('the weights after 1,000 steps, by their SHA-256', async () => {
    const train = () => {
      const rng = new Random(3);
      const net = new Sequential([Affine.init(20, 33, { rng }), new ReLU(), Affine.init(33, 5, { rng })]);
      const criterion = new SoftmaxWithLoss();
      const optimizer = new SGD(net.parameters(), { learningRate: 0.1 });
      const x = normalTensor([16, 20], 8);
      const labels = Int32Array.from({ length: 16 }, (_, i) => i % 5);
      for (let i = 0; i < 1000; i++) {
        criterion.forward(net.forward(x), labels);
        net.backward(criterion.backward());
        optimizer.step();
      }
      const hash = createHash('sha256');
      for (const { value } of net.parameters()) hash.update(value.toTypedArray());
      for (const owner of [net, criterion, optimizer, x]) owner.dispose();
      return hash.digest('hex');
    };
    const hashes: string[] = [];
    for (const n of COUNTS) {
      await setThreads(n);
      hashes.push(train());
    }
    expect(new Set(hashes).size).toBe(1);
    expect(backendInfo().threads).toBe(8);
  });
});

test('100,000 small jobs in a row do not hang', async () => {
  await setThreads(3);
  const x = normalTensor([700], 1);
  const y = relu(x);
  const expected = y.toTypedArray();
  for (let i = 0; i < 100_000; i++) relu(x, { out: y });
  expect(y.toTypedArray()).toEqual(expected);
});
