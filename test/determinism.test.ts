import { describe, expect, test } from 'vitest';
import {
  Affine,
  type Layer,
  mul,
  Random,
  ReLU,
  Sequential,
  SGD,
  Sigmoid,
  SoftmaxWithLoss,
  sub,
  type Tensor,
  take,
  tidy,
} from '../src/index';
import { expectClose, normalTensor } from './support/facade';
import { expectSameBits } from './support/ulp';

function network(seed: number, hidden = 13): Sequential<readonly [Affine, ReLU, Affine, Sigmoid, Affine]> {
  const rng = new Random(seed);
  return new Sequential([
    Affine.init(9, hidden, { rng }),
    new ReLU(),
    Affine.init(hidden, 6, { rng }),
    new Sigmoid(),
    Affine.init(6, 4, { rng }),
  ]);
}

const x = normalTensor([60, 9], 11);
const labels = Array.from({ length: 60 }, (_, i) => (i * 7) % 4);

/** A training run, and the bits of everything it made. */
function train(net: Layer, { steps = 30, batch = 7 } = {}): { losses: number[]; weights: Float32Array[] } {
  const rng = new Random(5);
  const criterion = new SoftmaxWithLoss();
  const optimizer = new SGD(net.parameters(), { learningRate: 0.3 });
  const losses: number[] = [];
  for (let i = 0; i < steps; i++) {
    const chosen = rng.permutation(60).subarray(0, batch);
    tidy(() => {
      losses.push(
        criterion.forward(
          net.forward(take(x, chosen)),
          Array.from(chosen, (j) => labels[j]),
        ),
      );
      net.backward(criterion.backward());
    });
    optimizer.step();
  }
  return { losses, weights: net.parameters().map(({ value }) => value.toTypedArray()) };
}

/** The same layers without the fusion of Sequential. */
class Unfused implements Layer {
  constructor(readonly layers: readonly Layer[]) {}
  forward(input: Tensor): Tensor {
    return this.layers.reduce((v, layer) => layer.forward(v), input);
  }
  backward(dout: Tensor): Tensor {
    return this.layers.reduceRight((d, layer) => layer.backward(d), dout);
  }
  predict(input: Tensor): Tensor {
    return this.layers.reduce((v, layer) => layer.predict(v), input);
  }
  parameters = () => this.layers.flatMap((layer) => layer.parameters());
  share = () => new Unfused(this.layers.map((layer) => layer.share()));
  dispose(): void {}
  [Symbol.dispose](): void {}
}

function expectSameRun(a: ReturnType<typeof train>, b: ReturnType<typeof train>): void {
  expect(a.losses).toEqual(b.losses);
  a.weights.forEach((w, i) => {
    expectSameBits(w, b.weights[i]);
  });
}

describe('the same bits', () => {
  test('from the same seed twice', () => {
    expectSameRun(train(network(1)), train(network(1)));
    expect(train(network(1)).losses).not.toEqual(train(network(2)).losses);
    expect(train(network(1)).losses.at(-1)).toBeLessThan(train(network(1)).losses[0]);
  });

  test.each([1, 2, 5, 8, 33])('from a fused Sequential and from the layers one by one, batches of %i', (batch) => {
    expectSameRun(train(network(1), { batch }), train(new Unfused(network(1).layers), { batch }));
  });

  test('whatever was computed before, wherever the memory lies', () => {
    const first = train(network(3));
    const clutter = Array.from({ length: 50 }, (_, i) => normalTensor([1 + i * 37], i));
    for (const [i, t] of clutter.entries()) if (i % 3) t.dispose();
    const second = train(network(3));
    for (const t of clutter) t.dispose();
    expectSameRun(first, second);
  });

  test('with a predict of another size between every forward and backward', () => {
    class Interrupted extends Unfused {
      override backward(dout: Tensor): Tensor {
        tidy(() => {
          this.predict(x);
        });
        return super.backward(dout);
      }
    }
    expectSameRun(train(network(4)), train(new Interrupted(network(4).layers)));
    const net = network(4);
    const { forward } = net;
    net.forward = (input) => {
      const y = forward.call(net, input);
      tidy(() => {
        net.predict(x);
      });
      return y;
    };
    expectSameRun(train(network(4)), train(net));
  });
});

// Not the same bits: products of few rows have kernels of their own, which add in another order.
test('a row of a batch has nearly the same output in whichever batch it is', () => {
  const net = network(5, 70);
  const all = net.predict(x).toTypedArray();
  for (const [begin, count] of [
    [0, 2],
    [1, 7],
    [10, 33],
    [3, 57],
  ]) {
    const part = net
      .predict(
        take(
          x,
          Int32Array.from({ length: count }, (_, i) => begin + i),
        ),
      )
      .toTypedArray();
    expectClose(part, all.subarray(begin * 4, (begin + count) * 4), 1e-6);
  }
});

describe('share: a siamese pair', () => {
  test('has the gradient of the same computation through one network and a stacked batch', () => {
    const f = network(6);
    const g = f.share();
    const [a, b] = [normalTensor([8, 9], 1), normalTensor([8, 9], 2)];
    // loss = Σ (f(a) − f(b))² / 2, so the gradients are ±(f(a) − f(b)).
    tidy(() => {
      const difference = sub(f.forward(a), g.forward(b));
      f.backward(difference);
      g.backward(mul(difference, -1), { accumulate: true });
    });
    const pair = f.parameters().map(({ grad }) => grad!.toTypedArray());
    const h = network(6);
    tidy(() => {
      const difference = sub(h.predict(a), h.predict(b)).clone();
      h.forward(a);
      h.backward(difference);
      h.forward(b);
      h.backward(mul(difference, -1), { accumulate: true });
    });
    h.parameters().forEach(({ grad }, i) => {
      expectSameBits(grad!.toTypedArray(), pair[i]);
    });
    expect(g.parameters()).toEqual(f.parameters());
  });

  test('agrees with the numerical gradient of the pair', () => {
    const f = new Sequential([Affine.init(3, 2, { rng: new Random(1) }), new Sigmoid()]);
    const g = f.share();
    const [a, b] = [normalTensor([4, 3], 1), normalTensor([4, 3], 2)];
    const loss = () =>
      tidy(() => {
        const difference = sub(f.predict(a), f.predict(b)).toTypedArray();
        return difference.reduce((total, v) => total + (v * v) / 2, 0);
      });
    tidy(() => {
      const difference = sub(f.forward(a), g.forward(b));
      f.backward(difference);
      g.backward(mul(difference, -1), { accumulate: true });
    });
    for (const { value, grad } of f.parameters()) {
      const h = 1e-2;
      const numeric = value.toTypedArray().map((v, i) => {
        value.data[i] = v + h;
        const above = loss();
        value.data[i] = v - h;
        const below = loss();
        value.data[i] = v;
        return (above - below) / (2 * h);
      });
      expectClose(numeric, grad!.toTypedArray(), 2e-3 * Math.max(...grad!.toTypedArray().map(Math.abs)) + 1e-5);
    }
  });
});

describe('micro-batches', () => {
  test.each([[[60]], [[30, 30]], [[1, 59]], [[20, 7, 33]]])(
    'accumulated over %j rows equal the full batch',
    (sizes) => {
      const full = network(7);
      const criterion = new SoftmaxWithLoss();
      const loss = criterion.forward(full.forward(x), labels);
      full.backward(criterion.backward());
      const micro = network(7);
      let total = 0;
      let begin = 0;
      for (const size of sizes) {
        const rows = Int32Array.from({ length: size }, (_, i) => begin + i);
        tidy(() => {
          total += criterion.forward(micro.forward(take(x, rows)), labels.slice(begin, begin + size)) * (size / 60);
          micro.backward(criterion.backward(size / 60), { accumulate: true });
        });
        begin += size;
      }
      expect(total).toBeCloseTo(loss, 6);
      full.parameters().forEach(({ grad }, i) => {
        const exact = grad!.toTypedArray();
        const largest = Math.max(...exact.map(Math.abs));
        expectClose(micro.parameters()[i].grad!.toTypedArray(), exact, 2e-6 * largest);
      });
    },
  );

  test('zeroGrad and accumulate equal overwriting', () => {
    const a = network(8);
    const b = network(8);
    const dout = normalTensor([60, 4], 3);
    const optimizer = new SGD(b.parameters(), { learningRate: 1 });
    for (let i = 0; i < 3; i++) {
      a.forward(x);
      a.backward(dout);
      b.forward(x);
      optimizer.zeroGrad();
      b.backward(dout, { accumulate: true });
    }
    a.parameters().forEach(({ grad }, i) => {
      expectSameBits(b.parameters()[i].grad!.toTypedArray(), grad!.toTypedArray());
    });
  });
});
