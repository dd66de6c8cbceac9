import { describe, expect, test } from 'vitest';
import {
  AddLayer,
  Affine,
  accuracy,
  argmax,
  MulLayer,
  matmul,
  numericalGradient,
  Random,
  ReLU,
  relu,
  SGD,
  SoftmaxWithLoss,
  sigmoid,
  softmax,
  sum,
  type Tensor,
  take,
  tensor,
} from '../src/index';
import { expectClose, normalTensor } from './support/facade';
import { generator } from './support/seeds';

/** The examples of "Deep Learning from Scratch" (Saitoh), chapters 3 to 5, with their numbers. */

describe('shopping (5.4), exact in float64', () => {
  test('apples: 2 × 100 × 1.1', () => {
    const mulAppleLayer = new MulLayer();
    const mulTaxLayer = new MulLayer();
    const applePrice = mulAppleLayer.forward(100, 2);
    const price = mulTaxLayer.forward(applePrice, 1.1);
    expect(price).toBe(100 * 2 * 1.1);
    expect(price).toBeCloseTo(220, 12);
    const [dapplePrice, dtax] = mulTaxLayer.backward(1);
    const [dapple, dappleNum] = mulAppleLayer.backward(dapplePrice);
    expect([dapple, dappleNum, dtax]).toEqual([2.2, 1.1 * 100, 200]);
    expect(dappleNum).toBeCloseTo(110, 12);
  });

  test('apples and oranges: 715', () => {
    const [mulApple, mulOrange, mulTax, addAll] = [new MulLayer(), new MulLayer(), new MulLayer(), new AddLayer()];
    const all = addAll.forward(mulApple.forward(100, 2), mulOrange.forward(150, 3));
    const price = mulTax.forward(all, 1.1);
    expect(price).toBeCloseTo(715, 12);
    const [dall, dtax] = mulTax.backward(1);
    const [dappleTotal, dorangeTotal] = addAll.backward(dall);
    const [dorange, dorangeNum] = mulOrange.backward(dorangeTotal);
    const [dapple, dappleNum] = mulApple.backward(dappleTotal);
    expect([dappleNum, dapple, dorange, dorangeNum, dtax]).toEqual([1.1 * 100, 2.2, 1.1 * 3, 1.1 * 150, 650]);
    expect(dappleNum).toBeCloseTo(110, 12);
    expect(dorange).toBeCloseTo(3.3, 12);
    expect(dorangeNum).toBeCloseTo(165, 12);
  });

  test('the same with tensors, to float32', () => {
    const [mulApple, mulOrange, mulTax, addAll] = [new MulLayer(), new MulLayer(), new MulLayer(), new AddLayer()];
    const all = addAll.forward(mulApple.forward(tensor(100), tensor(2)), mulOrange.forward(tensor(150), tensor(3)));
    const price = mulTax.forward(all, tensor(1.1));
    expect(price.item()).toBeCloseTo(715, 4);
    const [dall, dtax] = mulTax.backward(tensor(1));
    const [dappleTotal, dorangeTotal] = addAll.backward(dall);
    const [dorange, dorangeNum] = mulOrange.backward(dorangeTotal);
    const [dapple, dappleNum] = mulApple.backward(dappleTotal);
    const values = [dappleNum, dapple, dorange, dorangeNum, dtax].map((d) => d.item());
    expectClose(values, [110, 2.2, 3.3, 165, 650], 2e-5);
  });
});

describe('chapter 3: forward by hand', () => {
  test('the three-layer network of 3.4', () => {
    const x = [1.0, 0.5];
    const z1 = sigmoid(
      sumOf(
        matmul(x, [
          [0.1, 0.3, 0.5],
          [0.2, 0.4, 0.6],
        ]),
        [0.1, 0.2, 0.3],
      ),
    );
    expectClose(z1.toTypedArray(), [0.57444252, 0.66818777, 0.75026011], 6e-8);
    const z2 = sigmoid(
      sumOf(
        matmul(z1, [
          [0.1, 0.4],
          [0.2, 0.5],
          [0.3, 0.6],
        ]),
        [0.1, 0.2],
      ),
    );
    expectClose(z2.toTypedArray(), [0.62624937, 0.7710107], 6e-8);
    const y = sumOf(
      matmul(z2, [
        [0.1, 0.3],
        [0.2, 0.4],
      ]),
      [0.1, 0.2],
    );
    expectClose(y.toTypedArray(), [0.31682708, 0.69627909], 6e-8);
  });

  test('softmax of 3.5, which does not overflow', () => {
    const y = softmax([0.3, 2.9, 4.0]);
    expectClose(y.toTypedArray(), [0.01821127, 0.24519181, 0.73659691], 5e-8);
    expect(sum(y).item()).toBeCloseTo(1, 6);
    expectClose(softmax([1010, 1000, 990]).toTypedArray(), [9.999546e-1, 4.53978686e-5, 2.06106005e-9], 6e-8);
  });
});

function sumOf(a: Tensor, b: number[]): Tensor {
  return a.set(a.toTypedArray().map((v, i) => v + b[i]));
}

describe('chapter 4: the loss', () => {
  const y = [0.1, 0.05, 0.6, 0.0, 0.05, 0.1, 0.0, 0.1, 0.0, 0.0];
  const other = [0.1, 0.05, 0.1, 0.0, 0.05, 0.1, 0.0, 0.6, 0.0, 0.0];

  test("cross_entropy_error of 4.2.2 with the book's epsilon: 0.5108 and 2.3026", () => {
    const criterion = new SoftmaxWithLoss({ epsilon: 1e-7 });
    const logits = (p: number[]) => [p.map(Math.log)];
    expect(criterion.forward(logits(y), [2])).toBeCloseTo(0.510825457099338, 6);
    expect(criterion.forward(logits(other), [2])).toBeCloseTo(2.302584092994546, 6);
    expect(criterion.forward(logits(other), [[0, 0, 1, 0, 0, 0, 0, 0, 0, 0]])).toBeCloseTo(2.302584092994546, 6);
  });
});

/** The book's TwoLayerNet (5.7.2), by hand: an ordered dictionary of layers, gradient() and numerical_gradient(). */
class TwoLayerNet {
  readonly params: Record<'W1' | 'b1' | 'W2' | 'b2', Tensor>;
  readonly layers = new Map<string, Affine | ReLU>();
  readonly lastLayer = new SoftmaxWithLoss();

  constructor(inputSize: number, hiddenSize: number, outputSize: number, weightInitStd = 0.01, seed = 0) {
    const rng = new Random(seed);
    const W1 = rng.normal([inputSize, hiddenSize], { std: weightInitStd });
    const W2 = rng.normal([hiddenSize, outputSize], { std: weightInitStd });
    this.params = { W1, b1: tensor(new Float32Array(hiddenSize)), W2, b2: tensor(new Float32Array(outputSize)) };
    this.layers.set('Affine1', new Affine(this.params.W1, this.params.b1));
    this.layers.set('Relu1', new ReLU());
    this.layers.set('Affine2', new Affine(this.params.W2, this.params.b2));
  }

  predict(x: Tensor): Tensor {
    for (const layer of this.layers.values()) x = layer.forward(x);
    return x;
  }

  loss(x: Tensor, t: number[]): number {
    return this.lastLayer.forward(this.predict(x), t);
  }

  accuracy(x: Tensor, t: number[]): number {
    return accuracy(this.predict(x), t);
  }

  numericalGradient(x: Tensor, t: number[]): Record<string, Tensor> {
    const lossW = () => this.loss(x, t);
    return Object.fromEntries(Object.entries(this.params).map(([key, p]) => [key, numericalGradient(lossW, p)]));
  }

  gradient(x: Tensor, t: number[]): Record<string, Tensor> {
    this.loss(x, t);
    let dout = this.lastLayer.backward(1);
    for (const layer of [...this.layers.values()].reverse()) dout = layer.backward(dout);
    const affine1 = this.layers.get('Affine1') as Affine;
    const affine2 = this.layers.get('Affine2') as Affine;
    return { W1: affine1.dW!, b1: affine1.db!, W2: affine2.dW!, b2: affine2.db! };
  }
}

describe('chapter 5: TwoLayerNet', () => {
  test('gradient() and numerical_gradient() agree to 2e-3 of the largest gradient', () => {
    let checked = 0;
    for (let seed = 0; checked < 3; seed++) {
      const net = new TwoLayerNet(20, 10, 4, 0.1, seed);
      const x = normalTensor([5, 20], seed + 10);
      const t = [0, 3, 1, 2, 3];
      // A step of h moves an input of ReLU by h·|x| at most; where that crosses 0, a difference proves nothing.
      const reach = 1e-3 * Math.max(...x.toTypedArray().map(Math.abs));
      const inputs = net.layers.get('Affine1')!.forward(x).toTypedArray();
      if (inputs.some((v) => Math.abs(v) < 2 * reach)) continue;
      checked++;
      const numeric = net.numericalGradient(x, t);
      const analytic = net.gradient(x, t);
      for (const key of ['W1', 'b1', 'W2', 'b2']) {
        const exact = analytic[key].toTypedArray();
        const largest = Math.max(...exact.map(Math.abs));
        expect(largest).toBeGreaterThan(1e-3);
        expectClose(numeric[key].toTypedArray(), exact, 2e-3 * largest);
      }
    }
  });

  test("the book's check: 784-50-10, std 0.01, a batch of three, the mean difference is tiny", () => {
    const net = new TwoLayerNet(784, 50, 10);
    const next = generator(1);
    // Digits are dark but for a few strokes: few pixels are not 0.
    const x = tensor(
      Float32Array.from({ length: 3 * 784 }, () => (next() < 0.2 ? next() : 0)),
      [3, 784],
    );
    const t = [5, 0, 4];
    const analytic = net.gradient(x, t);
    for (const key of ['b1', 'W2', 'b2'] as const) {
      const numeric = numericalGradient(() => net.loss(x, t), net.params[key]);
      const exact = analytic[key].toTypedArray();
      const mean = numeric.toTypedArray().reduce((total, v, i) => total + Math.abs(v - exact[i]), 0) / exact.length;
      expect(mean).toBeLessThan(1e-5);
    }
  });

  test('learns (5.7.4): the loss falls, the accuracy rises', () => {
    const net = new TwoLayerNet(2, 16, 2, 0.5);
    const x = normalTensor([200, 2], 5);
    const t = Array.from(argmax(x, { axis: 1 }));
    const rng = new Random(3);
    const affines = [...net.layers.values()].filter((layer) => layer instanceof Affine);
    const optimizer = new SGD(
      affines.flatMap((layer) => layer.parameters()),
      { learningRate: 0.5 },
    );
    const before = net.loss(x, t);
    for (let i = 0; i < 200; i++) {
      const mask = rng.permutation(200).subarray(0, 50);
      using batch = take(x, mask);
      net.gradient(
        batch,
        Array.from(mask, (j) => t[j]),
      );
      optimizer.step();
    }
    expect(net.loss(x, t)).toBeLessThan(before / 4);
    expect(net.accuracy(x, t)).toBeGreaterThan(0.95);
  });
});

test('the activation functions of chapter 3', () => {
  expectClose(sigmoid([-1.0, 1.0, 2.0]).toTypedArray(), [0.26894142, 0.73105858, 0.88079708], 6e-8);
  expect(relu([-1, 0, 2.5]).toArray()).toEqual([0, 0, 2.5]);
});
