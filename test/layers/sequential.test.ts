import { describe, expect, expectTypeOf, test, vi } from 'vitest';
import * as api from '../../src/index';
import {
  Affine,
  AliasError,
  BackwardError,
  DisposedError,
  gradientCheckLayer,
  type Layer,
  type MulLayer,
  mul,
  type Parameter,
  type PredictOptions,
  ReLU,
  Sequential,
  ShapeError,
  Sigmoid,
  SoftmaxWithLoss,
  StaleTensorError,
  setDebug,
  type Tensor,
  type TensorLike,
  tensor,
  toTensor,
  zeros,
} from '../../src/index';
import { resetDebug } from '../support/detach';
import { expectClose, expectError, live, normalTensor, random } from '../support/facade';
import { expectSameBits } from '../support/ulp';

const METHODS = ['forward', 'backward', 'predict', 'parameters', 'share', 'dispose'];

function network(activation: new () => Layer = ReLU) {
  const rng = random();
  return new Sequential([Affine.init(5, 7, { rng }), new activation(), Affine.init(7, 3, { rng })]);
}

describe('construction', () => {
  test('from an array or a record; layers are typed, frozen and the same instances', () => {
    const affine = Affine.init(2, 3, { rng: random() });
    const relu = new ReLU();
    const net = new Sequential({ Affine1: affine, Relu1: relu });
    expectTypeOf(net.layers.Affine1).toEqualTypeOf<Affine>();
    expectTypeOf(net.layers.Affine1.dW).toEqualTypeOf<Tensor | null>();
    expectTypeOf(net.layers.Relu1).toEqualTypeOf<ReLU>();
    expect(net.layers.Affine1).toBe(affine);
    expect(net.layers.Affine1.dW).toBeNull();
    const list = new Sequential([affine, relu]);
    expectTypeOf(list.layers[0]).toEqualTypeOf<Affine>();
    expect(list.layers[1]).toBe(relu);
    expect(Object.isFrozen(net.layers)).toBe(true);
    expect(Object.isFrozen(list.layers)).toBe(true);
    expectTypeOf(net).toExtend<Layer>();
  });

  test('later changes of what was given have no effect', () => {
    const layers: Layer[] = [new ReLU()];
    const net = new Sequential(layers);
    layers.push(new Sigmoid());
    expect(net.forward([1]).toArray()).toEqual([1]);
  });

  test('the layers are those that were given, each read once', () => {
    const relu = new ReLU();
    const message = 'Sequential: expected layer 1 to have forward, backward, predict, parameters, share, dispose';
    // biome-ignore lint/suspicious/noSparseArray: it is the case
    expectError(() => new Sequential([relu, , new ReLU()] as never), TypeError, message);
    expect(new Sequential(Object.assign([relu], { more: new Sigmoid() })).forward([2]).toArray()).toEqual([2]);
    const net = new Sequential({
      get layer(): Layer {
        return new ReLU();
      },
    });
    const y = net.forward([1]);
    net.layers.layer.forward([2]);
    expect(() => y.data).toThrow(StaleTensorError);
  });

  test('names of parameters say where they stand', () => {
    const rng = random();
    const names = (net: Layer) => net.parameters().map(({ name }) => name);
    expect(names(network())).toEqual(['0.W', '0.b', '2.W', '2.b']);
    const record = new Sequential({
      Affine1: Affine.init(2, 2, { rng }),
      Relu1: new ReLU(),
      Affine2: Affine.init(2, 2, { rng }),
    });
    expect(names(record)).toEqual(['Affine1.W', 'Affine1.b', 'Affine2.W', 'Affine2.b']);
    const nested = new Sequential({ body: record, head: new Sequential([Affine.init(2, 2, { rng })]) });
    expect(names(nested)).toEqual([
      'body.Affine1.W',
      'body.Affine1.b',
      'body.Affine2.W',
      'body.Affine2.b',
      'head.0.W',
      'head.0.b',
    ]);
    expect(nested.parameters()[0]).toBe(record.layers.Affine1.parameters()[0]);
  });

  test('a layer of another network has the name of where it stands last', () => {
    const affine = Affine.init(2, 2, { rng: random() });
    const names = (net: Layer) => net.parameters().map(({ name }) => name);
    expect(names(new Sequential({ Affine1: affine }))).toEqual(['Affine1.W', 'Affine1.b']);
    expect(names(new Sequential([new ReLU(), affine]))).toEqual(['1.W', '1.b']);
  });

  test("the list of parameters is the caller's", () => {
    const net = network();
    net.parameters().length = 0;
    expect(net.parameters()).toHaveLength(4);
  });

  test('a record without prototype', () => {
    const record = Object.assign(Object.create(null), { relu: new ReLU() }) as { relu: ReLU };
    expect(new Sequential(record).forward([-1, 2]).toArray()).toEqual([0, 2]);
  });

  test('a share() that throws halfway leaves every parameter with the owners that it had', () => {
    const first = Affine.init(2, 2, { rng: random() });
    const second = Affine.init(2, 2, { rng: random() });
    const net = new Sequential([first, second]);
    second.dispose();
    expectError(() => net.share(), DisposedError, 'Affine.share: this layer was disposed');
    net.dispose();
    expect(first.W.disposed && first.b.disposed).toBe(true);
  });

  test('a backward that finds a disposed parameter has changed nothing', () => {
    const layer = Affine.init(2, 2, { rng: random() });
    const net = new Sequential([layer, new ReLU()]);
    net.forward([[1, 2]]);
    const dx = net.backward([[1, 1]], { inputGrad: true });
    net.forward([[1, 2]]);
    layer.parameters()[1]!.dispose();
    for (let i = 0; i < 2; i++) {
      expectError(() => net.backward([[1, 1]]), DisposedError, 'db.backward: this layer was disposed');
      expect(dx.disposed).toBe(false);
      dx.toArray();
    }
  });

  test('a parameter that two layers share is listed once', () => {
    const layer = Affine.init(2, 2, { rng: random() });
    const net = new Sequential([layer, new ReLU(), layer.share()]);
    expect(net.parameters().map(({ name }) => name)).toEqual(['0.W', '0.b']);
  });

  test('the gradient of a shared parameter is the sum over its layers', () => {
    const layer = Affine.init(3, 3, { rng: random() });
    const head = Affine.init(3, 3, { rng: random() });
    const inner = new Sequential([head, layer.share()]);
    const net = new Sequential([layer, new Sigmoid(), inner, new Sigmoid(), layer.share()]);
    const x = normalTensor([4, 3], 2);
    for (let pass = 0; pass < 2; pass++) {
      // Twice: what the pass before left must not count. A part that is missing makes an error of about 1.
      expect(gradientCheckLayer(net, x, { labels: [0, 1, 2, 0] }).maxError).toBeLessThan(1e-2);
    }
    const dout = normalTensor([4, 3], 3);
    net.forward(x);
    net.backward(dout);
    const once = net.parameters().map(({ grad }) => grad!.toTypedArray());
    net.forward(x);
    net.backward(dout, { accumulate: true });
    for (const [i, { grad }] of net.parameters().entries()) {
      expectClose(
        grad!.toTypedArray(),
        once[i].map((v) => 2 * v),
        once[i].map((v) => 1e-6 * (1 + Math.abs(v))),
      );
    }
  });

  test('the same instance twice is a TypeError', () => {
    const relu = new ReLU();
    expectError(
      () => new Sequential([relu, new Sigmoid(), relu]),
      TypeError,
      'Sequential: layers 0 and 2 are one instance; share() to use a layer twice in one pass',
    );
    expectError(() => new Sequential({ a: relu, b: relu }), TypeError, 'Sequential: layers a and b are one instance');
    const inner = new Sequential({ a: new Sequential([relu]) });
    for (const layers of [
      [relu, inner],
      [inner, relu],
      [inner, new Sequential([relu])],
    ]) {
      expectError(() => new Sequential(layers), TypeError, 'Sequential: layers 0 and 1 are one instance; share()');
    }
    new Sequential([relu.share(), inner]).forward([1]);
  });

  test('what is no layer, and what is no list of layers', () => {
    const bad = (value: unknown) => () => new Sequential(value as Layer[]);
    expectError(bad(undefined), TypeError, 'Sequential: expected an array or a record of layers, got undefined');
    expectError(bad(null), TypeError, 'Sequential: expected an array or a record of layers, got null');
    expectError(bad('net'), TypeError, 'Sequential: expected an array or a record of layers, got the string "net"');
    expectError(
      bad(new Map([['a', new ReLU()]])),
      TypeError,
      'Sequential: expected an array or a record of layers, got an object (Map)',
    );
    expectError(
      bad(new ReLU()),
      TypeError,
      'Sequential: expected an array or a record of layers, got an object (ReLU)',
    );
    expectError(bad([undefined]), TypeError, 'Sequential: expected layer 0 to have forward, backward');
    expectError(bad([null]), TypeError, 'Sequential: expected layer 0 to have forward, backward');
    expectError(
      bad({ loss: new SoftmaxWithLoss() }),
      TypeError,
      'Sequential: expected layer loss to have forward, backward, predict, parameters, share, dispose (it lacks predict), got an object (SoftmaxWithLoss)',
    );
    expectError(bad([() => 1]), TypeError, 'Sequential: expected layer 0 to have');
    const lying = Object.assign(new ReLU(), { parameters: () => [zeros([1])] });
    expectError(
      bad([lying]),
      TypeError,
      'Sequential: expected the parameters of layer 0 to be Parameters, got an object (Tensor)',
    );
    expectTypeOf<MulLayer>().not.toExtend<Layer>();
  });

  test('no layers: a TypeError', () => {
    const message = 'Sequential: expected an array or a record of layers, got an ';
    expectError(() => new Sequential([]), TypeError, `${message}empty array`);
    expectError(() => new Sequential({}), TypeError, `${message}object`);
  });
});

describe('backward', () => {
  test('does not compute the gradient of the input unless asked, and the tensor says so on any read', () => {
    const net = network();
    const x = normalTensor([4, 5]);
    const y = net.forward(x);
    const withheld = net.backward(normalTensor([4, 3]));
    expect(withheld.shape).toEqual([4, 5]);
    expectTypeOf(withheld).toEqualTypeOf<Tensor>();
    for (const read of [
      () => withheld.data,
      () => withheld.item(),
      () => withheld.clone(),
      () => new ReLU().forward(withheld),
    ]) {
      expectError(
        read,
        BackwardError,
        /the gradient of the input was not computed; pass {inputGrad: true} to backward\(\)$/,
      );
    }
    net.forward(x);
    const dx = net.backward(normalTensor([4, 3]), { inputGrad: true });
    expect(dx.toTypedArray()).toHaveLength(20);
    net.forward(x);
    expectError(() => net.backward(normalTensor([4, 3]), { inputGrad: false }).data, BackwardError, 'Tensor.data: ');
    expect(y.shape).toEqual([4, 3]);
  });

  test('after a forward, once, with a dout that fits; a wrong one leaves the pass as it was', () => {
    const net = network();
    expectError(() => net.backward(zeros([1, 3])), BackwardError, 'Sequential.backward: call forward() first');
    net.forward(zeros([2, 5]));
    expectError(
      () => net.backward(zeros([2, 4])),
      ShapeError,
      'Affine.backward: expected dout of shape [2, 3], got [2, 4]',
    );
    expectError(
      () => net.backward(zeros([2, 3]), { inputGrads: true } as never),
      TypeError,
      'Sequential.backward: unknown option "inputGrads"',
    );
    expectError(
      () => net.backward(zeros([2, 3]), { inputGrad: 1 } as never),
      TypeError,
      'Sequential.backward: expected inputGrad to be a boolean',
    );
    expectError(
      () => net.backward(zeros([2, 3]), { accumulate: 'yes' } as never),
      TypeError,
      'Sequential.backward: expected accumulate to be a boolean',
    );
    net.backward(zeros([2, 3]));
    expectError(
      () => net.backward(zeros([2, 3])),
      BackwardError,
      'Sequential.backward: this forward had its backward already',
    );
  });

  test('a layer that ran a forward elsewhere since is a BackwardError; predict does not count', () => {
    const net = network();
    const dout = zeros([2, 3]);
    net.forward(zeros([2, 5]));
    net.predict(zeros([9, 5]));
    net.layers[0].predict(zeros([9, 5]));
    net.backward(dout);
    for (const [i, layer] of net.layers.entries()) {
      net.forward(zeros([2, 5]));
      layer.forward(zeros([2, i === 0 ? 5 : 7]));
      expectError(
        () => net.backward(dout),
        BackwardError,
        `Sequential.backward: layer ${i} ran another forward since, outside this network or in one that threw; use predict() for inference, share() to use a layer twice in one pass`,
      );
    }
    net.forward(zeros([2, 5]));
    expect(net.backward(dout).shape).toEqual([2, 5]);
  });

  test('a backward that cannot end changes nothing', () => {
    const net = network();
    const x = normalTensor([2, 5]);
    net.forward(x);
    x.dispose();
    const dout = normalTensor([2, 3]);
    expectError(
      () => net.backward(dout),
      DisposedError,
      'Affine.backward: x of Affine.forward: this tensor was disposed',
    );
    expect(net.parameters().map(({ grad }) => grad)).toEqual([null, null, null, null]);
    net.forward(normalTensor([2, 5]));
    net.layers[2].backward(dout);
    expectError(() => net.backward(dout), BackwardError, 'Affine.backward: this forward had its backward already');
  });

  test('a gradient that cannot be added to: backward refuses before it has changed another', () => {
    const [first, last] = [Affine.init(3, 2, { rng: random() }), Affine.init(2, 3, { rng: random() })];
    const net = new Sequential([first, last]);
    const x = normalTensor([4, 3]);
    for (const gradient of ['dW', 'db'] as const) {
      net.forward(x);
      net.backward(x);
      first[gradient]!.dispose();
      const before = last.db!.toArray();
      net.forward(x);
      expectError(
        () => net.backward(x, { accumulate: true }),
        DisposedError,
        'Affine.backward: this tensor was disposed',
      );
      expect(last.db!.toArray()).toEqual(before);
      net.backward(x);
      expect(first[gradient]!.size).toBeGreaterThan(0);
    }
  });

  test.each<[string, (first: Affine, middle: Layer, y: Tensor) => unknown]>([
    ['weights that were disposed', (first) => first.W.dispose()],
    ['an activation that had its backward', (_first, middle) => middle.backward(zeros([2, 3]))],
    ['an activation whose output was overwritten', (_first, _middle, y) => y.set([1])],
  ])('%s: backward refuses before it has changed a gradient', (_what, spoil) => {
    /** Tells what it was given, and does not need it for its backward. */
    class Witness extends ReLU {
      seen: TensorLike = 0;
      override forward(x: TensorLike): Tensor {
        this.seen = x;
        return super.forward(x);
      }
    }
    for (const activation of [ReLU, Sigmoid]) {
      for (const nested of [false, true]) {
        const [first, middle, witness, last] = [
          Affine.init(5, 3, { rng: random() }),
          new activation(),
          new Witness(),
          Affine.init(3, 3, { rng: random() }),
        ] as const;
        const begin = nested ? [new Sequential([first, middle])] : [first, middle];
        const net = new Sequential([...begin, witness, last]);
        net.forward(normalTensor([2, 5]));
        spoil(first, middle, witness.seen as Tensor);
        expect(() => net.backward(normalTensor([2, 3]))).toThrow();
        expect(last.dW).toBeNull();
      }
    }
  });

  test('a subclass is asked for its backward alone: it may do without what was overwritten', () => {
    class Straight extends ReLU {
      override backward(dout: TensorLike): Tensor {
        return toTensor(dout);
      }
    }
    const net = new Sequential([new Straight()]);
    net.forward([[1, -2]]).set([3, 4]);
    expect(net.backward([[5, 6]]).toArray()).toEqual([[5, 6]]);
  });

  test("one layer in two networks: the first one's backward is told", () => {
    const shared = Affine.init(2, 2, { rng: random() });
    const first = new Sequential([shared, new ReLU()]);
    const second = new Sequential([shared, new Sigmoid()]);
    first.forward([[1, 2]]);
    second.forward([[3, 4]]);
    expectError(() => first.backward([[1, 1]]), BackwardError, 'Sequential.backward: layer 0 ran another forward');
    expect(second.backward([[1, 1]]).shape).toEqual([1, 2]);
  });

  test('a nested network whose inside ran elsewhere', () => {
    const inner = network();
    const outer = new Sequential({ inner, last: new Sigmoid() });
    outer.forward(zeros([1, 5]));
    inner.layers[1].forward(zeros([1, 7]));
    expectError(() => outer.backward(zeros([1, 3])), BackwardError, 'Sequential.backward: layer 1 ran another forward');
    outer.forward(zeros([1, 5]));
    inner.forward(zeros([1, 5]));
    expectError(
      () => outer.backward(zeros([1, 3])),
      BackwardError,
      'Sequential.backward: layer inner ran another forward',
    );
  });

  test('{accumulate: true} alone leaves the default of inputGrad: the input of a layer, not that of a network', () => {
    const net = network();
    net.forward(normalTensor([2, 5]));
    const dx = net.backward(normalTensor([2, 3]), { accumulate: true });
    expectError(() => dx.data, BackwardError, 'Tensor.data: the gradient of the input was not computed');
    for (const layer of net.layers) {
      const y = layer.forward(normalTensor([2, layer === net.layers[0] ? 5 : 7]));
      expect(layer.backward(y, { accumulate: true }).toTypedArray().length).toBeGreaterThan(0);
    }
  });

  test('{accumulate: true} reaches every layer', () => {
    const net = network();
    const x = normalTensor([4, 5]);
    const dout = normalTensor([4, 3]);
    net.forward(x);
    net.backward(dout);
    const once = net.parameters().map(({ grad }) => grad!.toTypedArray());
    net.forward(x);
    net.backward(dout, { accumulate: true });
    net.parameters().forEach(({ grad }, i) => {
      expectClose(
        grad!.toTypedArray(),
        once[i].map((v) => 2 * v),
        once[i].map((v) => 1e-6 * (1 + Math.abs(v))),
      );
    });
  });
});

describe('fusing neighbours changes not one bit', () => {
  test.each([
    ['ReLU', ReLU],
    ['Sigmoid', Sigmoid],
  ])('Affine and %s, forward, predict and backward, against the layers one by one', (_name, Activation) => {
    for (const rows of [1, 2, 3, 7, 32]) {
      const net = network(Activation);
      const twin = net.share();
      const x = normalTensor([rows, 5], rows, 3);
      const dout = normalTensor([rows, 3], 9);
      let y: TensorLike = x;
      for (const layer of twin.layers) y = layer.forward(y);
      const fused = net.forward(x);
      expectSameBits(fused.toTypedArray(), y.toTypedArray());
      expectSameBits(net.predict(x).toTypedArray(), y.toTypedArray());
      const dx = net.backward(dout, { inputGrad: true }).toTypedArray();
      const gradients = net.parameters().map(({ grad }) => grad!.toTypedArray());
      let d: TensorLike = dout;
      for (const layer of [...twin.layers].reverse()) d = layer.backward(d);
      expectSameBits(d.toTypedArray(), dx);
      twin.parameters().forEach(({ grad }, i) => {
        expectSameBits(grad!.toTypedArray(), gradients[i]);
      });
    }
  });

  test.each([
    ['ReLU', ReLU],
    ['Sigmoid', Sigmoid],
  ])('products so small that a kernel of their own computes them (gemm_tiny), and %s', (_name, Activation) => {
    for (const [rows, fanIn, fanOut] of [
      [2, 10, 1],
      [2, 2, 2],
      [1, 3, 4],
      [2, 4, 3],
    ] as const) {
      for (let seed = 1; seed <= 20; seed++) {
        const affine = new Affine(normalTensor([fanIn, fanOut], seed), normalTensor([fanOut], seed + 50));
        const x = normalTensor([rows, fanIn], seed + 100);
        const apart = new Activation().forward(affine.forward(x)).toTypedArray();
        const net = new Sequential([affine, new Activation()]);
        expectSameBits(net.forward(x).toTypedArray(), apart);
        expectSameBits(net.predict(x).toTypedArray(), apart);
      }
    }
  });

  test('a hand-written reverse loop over net.layers after net.forward gives the same bits', () => {
    const net = network();
    const x = normalTensor([6, 5]);
    const dout = normalTensor([6, 3]);
    net.forward(x);
    net.backward(dout);
    const gradients = net.parameters().map(({ grad }) => grad!.toTypedArray());
    net.forward(x);
    let d: TensorLike = dout;
    for (const layer of [...net.layers].reverse()) d = layer.backward(d);
    net.parameters().forEach(({ grad }, i) => {
      expectSameBits(grad!.toTypedArray(), gradients[i]);
    });
    // Its layers have had their backward: the network's own one is refused, not repeated.
    expectError(() => net.backward(dout), BackwardError, 'Affine.backward: this forward had its backward already');
  });

  test('special values are those of the separate layers', () => {
    const W = tensor([
      [1, -1],
      [1, 1],
    ]);
    const b = tensor([Number.NaN, 0]);
    const net = new Sequential([new Affine(W, b), new ReLU()]);
    expect(
      net
        .forward([
          [1, -1],
          [Infinity, -Infinity],
        ])
        .toArray(),
    ).toEqual([
      [Number.NaN, 0],
      [Number.NaN, 0],
    ]);
    const empty = new Sequential([new Affine(zeros([0, 2]), [-1, 2]), new ReLU()]);
    expect(empty.forward(zeros([1, 0])).toArray()).toEqual([[0, 2]]);
    const half = new Sequential([new Affine(zeros([0, 1]), [0]), new Sigmoid()]);
    expect(half.forward(zeros([2, 0])).toArray()).toEqual([[0.5], [0.5]]);
  });

  test('the handle of an Affine that ran by hand is stale after a fused pass, which did not compute it', () => {
    const net = network();
    const y = net.layers[0].forward(normalTensor([2, 5]));
    net.forward(normalTensor([2, 5]));
    expectError(() => y.data, StaleTensorError, 'Tensor.data: this output of Affine.forward was overwritten');
  });

  test('a network fed with its own output, fused or not', () => {
    const rng = random();
    const net = new Sequential([Affine.init(4, 4, { rng }), new ReLU()]);
    const x = normalTensor([3, 4]);
    const wanted = net.predict(net.predict(x)).toTypedArray();
    const y = net.forward(x);
    expectSameBits(net.forward(y).toTypedArray(), wanted);
    const bare = new Sequential([Affine.init(4, 4, { rng })]);
    const z = bare.forward(x);
    expectError(() => bare.forward(z), AliasError, 'Affine.forward: x is the output of this layer');
    expect(bare.backward(zeros([3, 4])).shape).toEqual([3, 4]);
  });

  test('a subclass is not fused: it may compute something else', () => {
    class Doubled extends ReLU {
      override forward(x: TensorLike): Tensor {
        const y = super.forward(x);
        return y.set(y.toTypedArray().map((v) => 2 * v));
      }
    }
    class Halved extends Sigmoid {
      override forward(x: TensorLike): Tensor {
        const y = super.forward(x);
        return y.set(y.toTypedArray().map((v) => v / 2));
      }
    }
    class Negative extends Affine {
      override forward(x: TensorLike): Tensor {
        const y = super.forward(x);
        return y.set(y.toTypedArray().map((v) => -v));
      }
    }
    const affine = () => new Affine([[1]], [0]);
    expect(new Sequential([affine(), new Doubled()]).forward([[3]]).toArray()).toEqual([[6]]);
    expect(new Sequential([affine(), new Halved()]).forward([[0]]).toArray()).toEqual([[0.25]]);
    expect(new Sequential([new Negative([[1]], [0]), new ReLU()]).forward([[-3]]).toArray()).toEqual([[3]]);
  });
});

describe('predict', () => {
  test('into a view of a tensor, which a layer in the middle detaches', () => {
    const net = network();
    const x = normalTensor([4, 5]);
    const exact = net.predict(x).toTypedArray();
    const out = zeros([4, 3]);
    setDebug({ detachViews: true });
    try {
      const view = net.predict(x, { out: out.data });
      expectSameBits(out.toTypedArray(), exact);
      expect(view).toHaveLength(12);
    } finally {
      resetDebug();
    }
  });

  test("is fresh, the caller's, and leaves nothing behind", () => {
    const net = network();
    const x = normalTensor([4, 5]);
    const before = live();
    const a = net.predict(x);
    const b = net.predict(x);
    expect(live()).toBe(before + 2 * 4 * 3 * 4);
    expectSameBits(a.toTypedArray(), b.toTypedArray());
    a.dispose();
    b.dispose();
    const out = zeros([4, 3]);
    expect(net.predict(x, { out })).toBe(out);
    expectError(
      () => net.predict(x, { out: zeros([4, 4]) }),
      ShapeError,
      'Affine.predict: expected out of shape [4, 3], got [4, 4]',
    );
    expectError(() => net.predict(x, { axis: 0 } as never), TypeError, 'Sequential.predict: unknown option "axis"');
    const array = new Float32Array(12);
    expect(net.predict(x, { out: array })).toBe(array);
    expectSameBits(array, out.toTypedArray());
    expectError(
      () => net.predict(x, { out: [1] as never }),
      TypeError,
      'Sequential.predict: expected out to be a Tensor',
    );
    expectError(() => net.predict(zeros([4, 6])), ShapeError, 'Affine.predict: expected x of shape [N, 5], got [4, 6]');
    expect(net.predict(x.toArray()).shape).toEqual([4, 3]);
    expect(x.disposed).toBe(false);
  });

  test('what was computed before an error is given back', () => {
    const rng = random();
    const net = new Sequential([Affine.init(2, 3, { rng }), Affine.init(4, 1, { rng })]);
    const before = live();
    expectError(
      () => net.predict([[1, 2]]),
      ShapeError,
      'Affine.predict: expected x of shape [N, 4], got [1, 3]; 1.W is [4, 1]', // the name tells which layer
    );
    expect(live()).toBe(before);
  });

  class Identity implements Layer {
    forward = (x: TensorLike): Tensor => toTensor(x);
    backward = (dout: TensorLike): Tensor => toTensor(dout);
    predict = (x: TensorLike): Tensor => toTensor(x);
    parameters = (): Parameter[] => [];
    share = (): Layer => new Identity();
    dispose(): void {}
    [Symbol.dispose](): void {}
  }

  test('an error behind a layer that gave back what it got leaves the input', () => {
    const net = new Sequential([new Identity(), Affine.init(3, 1, { rng: random() })]);
    const x = normalTensor([1, 2]);
    expectError(() => net.predict(x), ShapeError, 'Affine.predict: expected x of shape [N, 3], got [1, 2]');
    expect(x.disposed).toBe(false);
  });

  test('out, where the last layer does not know it: its result is copied, once its shape fits', () => {
    const rng = random();
    const net = new Sequential([Affine.init(2, 3, { rng }), new Identity()]);
    const x = normalTensor([4, 2]);
    const before = live();
    const exact = net.predict(x).toTypedArray();
    const out = zeros([4, 3]);
    const array = new Float32Array(12);
    const after = live();
    expect(net.predict(x, { out })).toBe(out);
    expectSameBits(out.toTypedArray(), exact);
    expect(net.predict(x, { out: array })).toBe(array);
    expectSameBits(array, exact);
    const where = 'Sequential.predict: expected out of';
    expectError(() => net.predict(x, { out: zeros([3, 4]) }), ShapeError, `${where} shape [4, 3], got [3, 4]`);
    expectError(() => net.predict(x, { out: new Float32Array(11) }), ShapeError, `${where} length 12, got 11`);
    expect(live()).toBe(after + 48);
    expect(before).toBeLessThan(after);
    for (const input of [x, x.toArray(), x.toTypedArray()]) {
      const same = new Sequential([new Identity()]).predict(input, {
        out: zeros(input === x ? [4, 2] : toTensor(input).shape),
      });
      expectSameBits(same.toTypedArray(), x.toTypedArray());
    }
    expect(x.disposed).toBe(false);
  });

  test('a layer that takes a Tensor as out, as its type says, gets one or none', () => {
    const given: unknown[] = [];
    const layer = new Identity();
    layer.predict = (x: TensorLike, options?: PredictOptions): Tensor => {
      given.push(options?.out);
      return mul(x, 2, options);
    };
    const net = new Sequential([new ReLU(), layer]);
    const [out, array] = [zeros([1, 2]), new Float32Array(2)];
    expect(net.predict([[1, 2]], { out })).toBe(out);
    expect(net.predict([[1, 3]], { out: array })).toBe(array);
    expect(given).toEqual([out, undefined]);
    expect([...out.toTypedArray(), ...array]).toEqual([2, 4, 2, 6]);
  });

  test('a layer that gives back what it got', () => {
    const rng = random();
    const net = new Sequential([
      new Identity(),
      Affine.init(2, 2, { rng }),
      new Identity(),
      new ReLU(),
      new Identity(),
    ]);
    const x = normalTensor([1, 2]);
    const y = net.predict(x);
    expect(y.shape).toEqual([1, 2]);
    expectSameBits(y.toTypedArray(), net.forward(x).toTypedArray());
    expect(net.backward([[1, 1]], { inputGrad: true }).shape).toEqual([1, 2]);
    expect(x.disposed).toBe(false);
  });
});

describe('share and dispose', () => {
  test('a twin of a record has its names, parameters and types', () => {
    const net = new Sequential({ Affine1: Affine.init(2, 2, { rng: random() }), Relu1: new ReLU() });
    const twin = net.share();
    expectTypeOf(twin).toEqualTypeOf(net);
    expect(twin.layers.Affine1.W).toBe(net.layers.Affine1.W);
    expect(twin.layers.Affine1).not.toBe(net.layers.Affine1);
    expect(twin.parameters()).toEqual(net.parameters());
    expect(twin.parameters()[0]).toBe(net.parameters()[0]);
    expect(twin.parameters()[0].name).toBe('Affine1.W');
  });

  test('everything is given back with the last twin', () => {
    const before = live();
    const net = network();
    const twin = net.share();
    for (const n of [net, twin]) {
      n.forward(new Array(2).fill([1, 2, 3, 4, 5]));
      n.backward(new Array(2).fill([1, 2, 3]), { inputGrad: true });
    }
    net.dispose();
    expect(twin.predict([[1, 2, 3, 4, 5]]).shape).toEqual([1, 3]);
    const { W } = twin.layers[0];
    twin[Symbol.dispose]();
    net.dispose();
    expect(W.disposed).toBe(true);
    expectError(() => net.forward([[1, 2, 3, 4, 5]]), DisposedError, 'Affine.forward: ');
    expect(live()).toBe(before + 12);
  });
});

test('x that is stale or disposed by the time of backward', () => {
  const net = network();
  const relu = new ReLU();
  net.forward(relu.forward(zeros([2, 5])));
  relu.forward(zeros([2, 5]));
  expectError(
    () => net.backward(zeros([2, 3])),
    StaleTensorError,
    'Affine.backward: x of Affine.forward: this output of ReLU.forward was overwritten by a later forward()',
  );
  const x = normalTensor([2, 5]);
  net.forward(x);
  x.dispose();
  expectError(
    () => net.backward(zeros([2, 3])),
    DisposedError,
    'Affine.backward: x of Affine.forward: this tensor was disposed',
  );
});

test('a share of a network inside another leaves its parameters their names', () => {
  const inner = network();
  const outer = new Sequential({ encoder: inner });
  const names = outer.parameters().map(({ name }) => name);
  expect(names[0]).toBe('encoder.0.W');
  inner.share();
  expect(outer.parameters().map(({ name }) => name)).toEqual(names);
});

describe('a forward of one of its layers while backward runs', () => {
  const message = 'Sequential.backward: layer 0 ran another forward since';

  test("called by a layer that is not ours: the layer's backward is refused", () => {
    const affine = new Affine([[1]], [0]);
    const tap: Layer = {
      forward: (x) => toTensor(x),
      backward: (dout) => {
        affine.forward([[100]]);
        return toTensor(dout);
      },
      predict: (x) => toTensor(x),
      parameters: () => [],
      share: () => tap,
      dispose: () => {},
      [Symbol.dispose]: () => {},
    };
    const net = new Sequential([affine, new ReLU(), tap]);
    net.forward([[2]]);
    expectError(() => net.backward([[1]]), BackwardError, message);
    expect(affine.dW).toBeNull();
  });

  test('called by a getter in dout', () => {
    const net = new Sequential([new Affine([[1]], [0]), new ReLU()]);
    net.forward([[2]]);
    const row = [0];
    Object.defineProperty(row, 0, {
      get: () => {
        net.layers[0].forward([[100]]);
        return 1;
      },
    });
    expectError(() => net.backward([row]), BackwardError, message);
    expect(net.layers[0].dW).toBeNull();
  });
});

test('predict goes on with what a layer returned, also where that is nothing', () => {
  const nothing = () => {};
  const layer = {
    forward: nothing,
    backward: nothing,
    predict: nothing,
    parameters: () => [],
    share: nothing,
    dispose: nothing,
  } as unknown as Layer;
  const net = new Sequential([layer, new Affine([[1], [1]], [0])]);
  expectError(() => net.predict([[1, 2]]), TypeError, 'Affine.predict: expected x');
});

test('each layer of the package is asked beforehand whether it can run backward', () => {
  const layers = {
    Affine: Affine.init(2, 2, { rng: random() }),
    ReLU: new ReLU(),
    Sequential: network(),
    Sigmoid: new Sigmoid(),
  };
  const classes = Object.entries(api).filter(
    ([, value]) => typeof value === 'function' && METHODS.every((method) => method in (value.prototype ?? {})),
  );
  expect(classes.map(([name]) => name).sort()).toEqual(Object.keys(layers).sort());
  for (const [name, layer] of Object.entries(layers)) {
    const asked = vi.spyOn(layer as unknown as { ready(): void }, 'ready');
    const net = new Sequential([layer]);
    const input = zeros([1, name === 'Sequential' ? 5 : 2]);
    net.backward(net.forward(input).clone());
    expect(asked, name).toHaveBeenCalled();
  }
});
