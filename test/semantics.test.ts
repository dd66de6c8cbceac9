import { describe, expect, test } from 'vitest';
import {
  Affine,
  AliasError,
  abs,
  add,
  argmax,
  crossEntropy,
  DisposedError,
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
  OutOfMemoryError,
  ReLU,
  relu,
  Sequential,
  ShapeError,
  Sigmoid,
  SoftmaxWithLoss,
  sigmoid,
  softmax,
  sqrt,
  sub,
  sum,
  Tensor,
  tanh,
  tensor,
  zeros,
} from '../src/index';
import { expectClose, expectError } from './support/facade';
import { expectSameBits } from './support/ulp';

/** Special values, empty shapes and other edges, a row for each; here through the public functions only. */

const f = Math.fround;
const { NaN: nan } = Number;
const inf = Infinity;

/** [what, result, expected]: the same bits, any NaN equal to any other. */
type Row = [what: string, result: () => unknown, expected: unknown];

function values(result: unknown): number[] {
  if (result instanceof Tensor) return Array.from(result.toTypedArray());
  if (result instanceof Float32Array) return Array.from(result);
  return Array.isArray(result) ? (result.flat(9) as number[]) : [result as number];
}

function checkRows(rows: Row[]): void {
  test.each(rows)('%s', (_what, result, expected) => {
    expectSameBits(values(result()), values(expected));
  });
}

const backward = (layer: ReLU | Sigmoid, x: number[], dout: number[]) => {
  layer.forward(x);
  return layer.backward(dout);
};
const positiveZeros = (t: Tensor) => t.toTypedArray().map((v) => v + 0);

describe('elementwise', () => {
  checkRows([
    ['relu(NaN)', () => relu([nan]), [nan]],
    ['relu(-Inf), relu(+Inf)', () => positiveZeros(relu([-inf, inf])), [0, inf]],
    ['relu(-0) is a zero of either sign', () => positiveZeros(relu([-0])), [0]],
    ['relu, gradient at 0, -0', () => positiveZeros(backward(new ReLU(), [0, -0], [5, 5])), [0, 0]],
    ['relu, gradient where x is NaN', () => backward(new ReLU(), [nan], [5]), [5]],
    [
      'relu, gradient NaN passes where x > 0 only',
      () => positiveZeros(backward(new ReLU(), [1, -1], [nan, nan])),
      [nan, 0],
    ],
    ['sigmoid(NaN, -Inf, Inf, -0)', () => sigmoid([nan, -inf, inf, -0]), [nan, 0, 1, 0.5]],
    ['sigmoid(-104)', () => sigmoid([-104]), [0]],
    ['sigmoid, gradient at ±200', () => backward(new Sigmoid(), [200, -200], [1, 1]), [0, 0]],
    ['tanh(NaN, ±Inf, -0, 1e-40)', () => tanh([nan, inf, -inf, -0, 1e-40]), [nan, 1, -1, -0, f(1e-40)]],
    [
      'exp(89), exp(-104), exp(±Inf), exp(NaN), exp(±0)',
      () => exp([89, -104, inf, -inf, nan, 0, -0]),
      [inf, 0, inf, 0, nan, 1, 1],
    ],
    ['exp(-103.9)', () => exp([-103.9]), [f(1.4e-45)]],
    ['log(0, -0, -1, Inf, NaN, 1)', () => log([0, -0, -1, inf, nan, 1]), [-inf, -inf, nan, inf, nan, 0]],
    ['sqrt(-1, -0, Inf, 4)', () => sqrt([-1, -0, inf, 4]), [nan, -0, inf, 2]],
    [
      'neg and abs are sign bits',
      () => [...values(neg([0, -0, inf, 1])), ...values(abs([-0, -inf, -1]))],
      [-0, 0, -inf, -1, 0, inf, 1],
    ],
    ['maximum with one NaN', () => maximum([1, nan, nan], [nan, 1, nan]), [nan, nan, nan]],
    ['minimum with one NaN', () => minimum([1, nan, nan], [nan, 1, nan]), [nan, nan, nan]],
    ['maximum(-0, +0), either order', () => maximum([-0, 0], [0, -0]), [0, 0]],
    ['denormals are kept', () => mul([1e-20], [1e-20]), [f(f(1e-20) * f(1e-20))]],
    [
      '0·Inf, Inf − Inf, Inf / Inf, 0 / 0',
      () => [...values(mul([0], [inf])), ...values(sub([inf], [inf])), ...values(div([inf, 0], [inf, 0]))],
      [nan, nan, nan, nan],
    ],
    ['1 / 0, -1 / 0', () => div([1, -1], [0, 0]), [inf, -inf]],
    ['overflow to Inf', () => add([3e38], [3e38]), [inf]],
  ]);

  test('sigmoid(-88), sigmoid(-89) keep denormal tails', () => {
    expectClose(sigmoid([-88, -89]).toTypedArray(), [6.054601895401186e-39, 2.227363561766217e-39], 5e-45);
  });

  test('exp(88.72283) is below the largest float32', () => {
    expectClose(exp([f(88.72283)]).toTypedArray(), [Math.exp(f(88.72283))], 2 * 2 ** 104);
    expect(exp([f(88.7228394)]).item()).toBe(inf);
  });
});

describe('reductions', () => {
  checkRows([
    ['max([1, NaN, 2])', () => max([1, nan, 2]), nan],
    ['min([1, NaN, 2])', () => min([1, nan, 2]), nan],
    ['argmax([1, NaN, 2])', () => argmax([1, nan, 2]), 1],
    ['argmax of a tie is the lowest', () => argmax([3, 3, 1]), 0],
    ['argmax of -Inf only', () => argmax([-inf, -inf]), 0],
    ['sum([])', () => sum([]), 0],
    ['mean([])', () => mean([]), nan],
    ['sum of Inf and -Inf', () => sum([inf, -inf]), nan],
    ['max of -Inf', () => max([-inf, -inf]), -inf],
  ]);

  test.each<[string, () => unknown]>([
    ['max', () => max([])],
    ['min', () => min([])],
    ['argmax', () => argmax([])],
    ['max', () => max(zeros([2, 0]), { axis: 1 })],
  ])('%s of nothing is a ShapeError', (name, call) => {
    expectError(call, ShapeError, `${name}: expected at least one element to choose from`);
  });

  test('a sum of 2^24 + 16 ones is exact along axis 0 too, where NumPy stops at 2^24', () => {
    const n = 2 ** 24 + 16;
    const ones = zeros([n, 1]);
    ones.data.fill(1);
    expect(sum(ones, { axis: 0 }).toArray()).toEqual([16777232]);
    expect(matmul(ones.reshape([1, n]), ones).toArray()).toEqual([[16777232]]);
    expect(matmul(ones, ones, { transposeA: true }).toArray()).toEqual([[16777232]]);
    ones.dispose();
  });
});

describe('softmax and loss', () => {
  checkRows([
    ['softmax of [5]', () => softmax([5]), [1]],
    ['softmax of [-Inf, 0]', () => softmax([-inf, 0]), [0, 1]],
    [
      'softmax of a row of -Inf',
      () =>
        softmax([
          [-inf, -inf],
          [0, -inf],
        ]),
      [nan, nan, 1, 0],
    ],
    [
      'softmax with +Inf in a row',
      () =>
        softmax([
          [inf, 0],
          [0, -inf],
        ]),
      [nan, nan, 1, 0],
    ],
    [
      'softmax with NaN in a row',
      () =>
        softmax([
          [0, -inf],
          [nan, 0],
          [-inf, 0],
        ]),
      [1, 0, nan, nan, 0, 1],
    ],
    [
      'softmax of (0, C) and (N, 0)',
      () => [...softmax(zeros([0, 3])).shape, ...softmax(zeros([3, 0])).shape],
      [0, 3, 3, 0],
    ],
    ['logSoftmax of [1e4, 0]', () => logSoftmax([1e4, 0]), [0, -1e4]],
    ['loss where p = 0', () => crossEntropy([[1000, 0]], [1]), 1000],
    ['loss where p = 1', () => crossEntropy([[1000, 0]], [0]), 0],
    ['loss of a one-hot row beside -Inf', () => crossEntropy([[0, -inf]], [[1, 0]]), 0],
    ['loss of the class at -Inf', () => crossEntropy([[0, -inf]], [1]), inf],
    ['loss of a row of weights 0', () => crossEntropy([[1, 2]], [[0, 0]]), 0],
    ['loss of one class', () => crossEntropy([[5], [7]], [0, 0]), 0],
  ]);

  test('softmax of [1000, 1000.5]', () => {
    expectClose(softmax([1000, 1000.5]).toTypedArray(), [0.37754067, 0.62245933], 5e-8);
  });

  test("the book's numbers by {epsilon: 1e-7}", () => {
    expect(new SoftmaxWithLoss({ epsilon: 1e-7 }).forward([[1000, 0]], [1])).toBeCloseTo(16.118, 3);
    expect(new SoftmaxWithLoss({ epsilon: 1e-7 }).forward([[1000, 0]], [0])).toBeCloseTo(-1.19e-7, 9);
  });

  test.each<[string, number[], string]>([
    ['label C', [2], 'got 2'],
    ['label -1', [-1], 'got -1'],
    ['label 1.7', [1.7], 'got 1.7'],
    ['label NaN', [nan], 'got NaN'],
  ])('%s is a RangeError with row, value and bound', (_what, labels, got) => {
    for (const [name, loss] of [
      ['crossEntropy', (t: number[]) => crossEntropy([[0, 0]], t)],
      ['SoftmaxWithLoss.forward', (t: number[]) => new SoftmaxWithLoss().forward([[0, 0]], t)],
    ] as const) {
      expectError(() => loss(labels), RangeError, `${name}: expected label 0 to be an integer in 0 … 1, ${got}`);
    }
  });

  test('loss on 0 rows is a ShapeError', () => {
    expectError(
      () => crossEntropy(zeros([0, 2]), []),
      ShapeError,
      'crossEntropy: expected logits of shape [N, C] with N, C > 0',
    );
    expectError(
      () => new SoftmaxWithLoss().forward(zeros([0, 2]), []),
      ShapeError,
      'SoftmaxWithLoss.forward: expected x of shape [N, C] with N, C > 0',
    );
  });
});

describe('products, shapes, layers', () => {
  checkRows([
    [
      'M = 0 or N = 0',
      () => [...matmul(zeros([0, 2]), zeros([2, 3])).shape, ...matmul(zeros([2, 2]), zeros([2, 0])).shape],
      [0, 3, 2, 0],
    ],
    ['K = 0: zeros', () => matmul(zeros([1, 0]), zeros([0, 2])), [0, 0]],
    [
      'K = 0: the bias, and the activation after it',
      () => new Sequential([new Affine(zeros([0, 2]), [-3, 4]), new ReLU()]).forward(zeros([1, 0])),
      [0, 4],
    ],
    ['NaN in out is not read', () => matmul([[1]], [[2]], { out: tensor([[nan]]) }), [2]],
    [
      '0·Inf and 0·NaN inside a product',
      () =>
        matmul(
          [
            [0, 1],
            [0, 1],
          ],
          [
            [inf, nan],
            [1, 1],
          ],
        ),
      [nan, nan, nan, nan],
    ],
    ['Float64Array and arrays are rounded to float32 once', () => tensor(Float64Array.of(0.1)), [f(0.1)]],
  ]);

  test.each<[string, unknown]>([
    ['a string', '1'],
    ['a BigInt', 1n],
    ['undefined', undefined],
    ['ragged', [[1], [1, 2]]],
  ])('%s is a TypeError', (_what, value) => {
    expectError(() => tensor(value as number), TypeError, 'tensor: ');
  });

  test('1e38·10 − 1e38·10 overflows: NaN, or Inf where the product is fused with the sum', () => {
    expect(matmul([[1e38, 1e38]], [[10], [-10]]).item()).not.toSatisfy(Number.isFinite);
  });

  test('inner dimensions that differ: both shapes in the text', () => {
    expectError(
      () => matmul(zeros([2, 3]), zeros([4, 5])),
      ShapeError,
      'matmul: inner dimensions differ: [2, 3] · [4, 5] (3 and 4)',
    );
  });

  test.each([-1, nan, 1.5, 2 ** 32])('the dimension %d is a RangeError', (dimension) => {
    expectError(() => zeros([dimension]), RangeError, 'zeros: expected shape[0] to be an integer in 0 … 2^32 - 1');
  });

  test('65536 × 65536 is an OutOfMemoryError with the bytes', () => {
    expectError(
      () => zeros([65536, 65536]),
      OutOfMemoryError,
      'zeros: a tensor of shape [65536, 65536] needs 17179869184 bytes',
    );
  });

  test('an output that is an input: in place elementwise, AliasError in a product', () => {
    const t = tensor([
      [1, -2],
      [3, -4],
    ]);
    expect(relu(t, { out: t })).toBe(t);
    expect(positiveZeros(t)).toEqual(Float32Array.of(1, 0, 3, 0));
    expectError(() => matmul(t, t, { out: t }), AliasError, 'matmul: out has the memory of an input');
  });

  test('use after dispose is a DisposedError, dispose twice is nothing', () => {
    const t = zeros([1]);
    t.dispose();
    t.dispose();
    expectError(() => add(t, 1), DisposedError, 'add: a: this tensor was disposed');
  });
});

test('what others add to Object.prototype is no option', () => {
  const shared = Object.prototype as { added?: () => void };
  shared.added = () => {};
  try {
    expect(sum([[1, 2]], { axis: 1 }).toArray()).toEqual([3]);
    expect(() => sum([[1, 2]], { axes: 1 } as never)).toThrow('sum: unknown option "axes"');
  } finally {
    delete shared.added;
  }
});

test('a key of __proto__ is an unknown option like any other', () => {
  expect(sum([[1, 2]], JSON.parse('{"keepDims": true}')).shape).toEqual([1, 1]);
  expectError(() => sum([[1, 2]], JSON.parse('{"__proto__": 1}')), TypeError, 'sum: unknown option "__proto__"');
});
