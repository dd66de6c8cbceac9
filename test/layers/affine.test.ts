import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { engine } from '../../src/engine/engine';
import {
  Affine,
  AliasError,
  add,
  BackwardError,
  DisposedError,
  matmul,
  OutOfMemoryError,
  ones,
  Random,
  ReLU,
  ShapeError,
  StaleTensorError,
  type Tensor,
  tensor,
  tidy,
  zeros,
} from '../../src/index';
import * as reference from '../reference/layers';
import { expectClose, expectError, live, normalTensor, random } from '../support/facade';
import { memoryEnds } from '../support/out_of_memory';
import { pair } from '../support/shapes';
import { expectSameBits } from '../support/ulp';

function layerOf(fanIn: number, fanOut: number, seed = 1): Affine {
  return new Affine(normalTensor([fanIn, fanOut], seed), normalTensor([fanOut], seed + 1));
}

describe('forward and backward', () => {
  test("are the book's, for x of any rank; dx has the shape of x", () => {
    const inputs = fc.oneof(
      fc.tuple(fc.nat(9), fc.nat(9)).map(([n, k]) => [n, k]),
      fc.tuple(fc.nat(4), fc.nat(3), fc.nat(3)).map((shape) => [...shape]),
      fc.tuple(fc.nat(3), fc.nat(2), fc.nat(3), fc.nat(3)).map((shape) => [...shape]),
      fc.nat(9).map((n) => [n]),
    );
    fc.assert(
      fc.property(inputs, fc.nat(9), fc.nat(), (shape, fanOut, seed) =>
        tidy(() => {
          const fanIn = shape.slice(1).reduce((a, b) => a * b, 1);
          const x = pair(shape, seed);
          const [W, b] = [pair([fanIn, fanOut], seed + 1), pair([fanOut], seed + 2)];
          const dout = pair([shape[0], fanOut], seed + 3);
          using layer = new Affine(W.t, b.t);
          const y = layer.forward(x.t);
          expect(y.shape).toEqual([shape[0], fanOut]);
          if (shape[0] === 0) {
            expect(layer.backward(dout.t).shape).toEqual(shape);
            expect(layer.dW!.toTypedArray()).toEqual(new Float32Array(fanIn * fanOut));
            expect(layer.db!.toTypedArray()).toEqual(new Float32Array(fanOut));
            return;
          }
          expectClose(y.toTypedArray(), reference.affine.forward(x.nd, W.nd, b.nd).data, 1e-5);
          const dx = layer.backward(dout.t);
          const exact = reference.affine.backward(dout.nd, x.nd, W.nd);
          expect(dx.shape).toEqual(shape);
          expectClose(dx.toTypedArray(), exact.dx.data, 1e-5);
          expectClose(layer.dW!.toTypedArray(), exact.dW.data, 1e-5);
          expectClose(layer.db!.toTypedArray(), exact.db.data, 1e-5);
          expect(layer.dW!.shape).toEqual([fanIn, fanOut]);
          expect(layer.db!.shape).toEqual([fanOut]);
        }),
      ),
      { numRuns: 150 },
    );
  });

  test('takes [N, C, H, W] and returns dx in that shape', () => {
    using layer = layerOf(3 * 4 * 4, 5);
    const x = normalTensor([2, 3, 4, 4]);
    const y = layer.forward(x);
    expect(y.shape).toEqual([2, 5]);
    const dx = layer.backward(normalTensor([2, 5]));
    expect(dx.shape).toEqual([2, 3, 4, 4]);
    const flat = layer.forward(x.reshape([2, 48]));
    expect(flat.shape).toEqual([2, 5]);
    expect(layer.backward(normalTensor([2, 5])).shape).toEqual([2, 48]);
  });

  test('K = 0 gives the bias, no rows give none', () => {
    using layer = new Affine(zeros([0, 2]), [3, 4]);
    expect(layer.forward(zeros([2, 0])).toArray()).toEqual([
      [3, 4],
      [3, 4],
    ]);
    expect(
      layer.backward([
        [1, 2],
        [3, 4],
      ]).shape,
    ).toEqual([2, 0]);
    expect(layer.db!.toArray()).toEqual([4, 6]);
    expect(layer.forward(zeros([0, 0])).shape).toEqual([0, 2]);
  });

  test('the bias is one addition after the product: the bits of matmul and add', () => {
    using layer = layerOf(37, 19);
    for (const rows of [1, 2, 5, 33]) {
      const x = normalTensor([rows, 37], rows);
      expectSameBits(layer.forward(x).toTypedArray(), add(matmul(x, layer.W), layer.b).toTypedArray());
    }
  });

  test('dW and db are null before the first backward', () => {
    using layer = layerOf(2, 2);
    expect(layer.dW).toBeNull();
    expect(layer.db).toBeNull();
    layer.forward([[1, 2]]);
    expect(layer.dW).toBeNull();
    layer.backward([[1, 1]]);
    expect(layer.dW!.toArray()).toEqual([
      [1, 1],
      [2, 2],
    ]);
    expect(layer.db!.toArray()).toEqual([1, 1]);
  });

  test('dout is not modified, arrays are taken', () => {
    using layer = layerOf(2, 2);
    const dout = tensor([[1, 2]]);
    layer.forward([[3, 4]]);
    layer.backward(dout);
    expect(dout.toArray()).toEqual([[1, 2]]);
    layer.forward([Float32Array.of(3, 4)]);
    layer.backward([[1, 2]]);
    expect(layer.dW!.toArray()).toEqual([
      [3, 6],
      [4, 8],
    ]);
  });

  test('{accumulate: true} adds, the first time to nothing', () => {
    using layer = layerOf(2, 2);
    const accumulate = true;
    layer.forward([[1, 2]]);
    layer.backward([[1, 0]], { accumulate });
    layer.forward([[1, 2]]);
    layer.backward([[1, 5]], { accumulate });
    expect(layer.dW!.toArray()).toEqual([
      [2, 5],
      [4, 10],
    ]);
    expect(layer.db!.toArray()).toEqual([2, 5]);
    layer.forward([[1, 2]]);
    layer.backward([[1, 0]]);
    expect(layer.db!.toArray()).toEqual([1, 0]);
  });

  test('{inputGrad: false} gives the gradients of the parameters, and a tensor that says what was not computed', () => {
    using layer = layerOf(2, 3);
    layer.forward([[1, 2]]);
    const withheld = layer.backward([[1, 1, 1]], { inputGrad: false });
    expect([withheld.shape, withheld.size]).toEqual([[1, 2], 2]);
    expect(layer.db!.toArray()).toEqual([1, 1, 1]);
    for (const read of [
      () => withheld.data,
      () => withheld.toArray(),
      () => add(withheld, 1),
      () => withheld.reshape([2]),
    ]) {
      expectError(
        read,
        BackwardError,
        /the gradient of the input was not computed; pass {inputGrad: true} to backward\(\)/,
      );
    }
    expect(String(withheld)).toContain('Tensor([1, 2])');
    withheld.dispose();
  });
});

describe('parameters', () => {
  test('adopts the tensors it is given, W and b are readonly', () => {
    const W = normalTensor([2, 3]);
    const b = zeros([3]);
    using layer = new Affine(W, b);
    expect(layer.W).toBe(W);
    expect(layer.b).toBe(b);
    expect(() => {
      (layer as { W: unknown }).W = W;
    }).toThrow(TypeError);
    const [first, second] = layer.parameters();
    expect([first.name, second.name]).toEqual(['W', 'b']);
    expect([first.value, second.value]).toEqual([W, b]);
    expect(layer.parameters()).toEqual([first, second]);
    expect(layer.parameters()[0]).toBe(first);
    layer.W.set([
      [1, 0, 0],
      [0, 1, 0],
    ]);
    expect(layer.forward([[5, 6]]).toArray()).toEqual([[5, 6, 0]]);
  });

  test('two layers over one W share it, each with its own gradient; the last one that is disposed frees it', () => {
    const before = live();
    const W = tensor([[1, 2]]);
    const first = new Affine(W, [0, 0]);
    const second = new Affine(W, [1, 1]);
    first.forward([[1]]);
    second.forward([[10]]);
    first.backward([[1, 1]]);
    second.backward([[1, 1]]);
    expect(first.dW!.toArray()).toEqual([[1, 1]]);
    expect(second.dW!.toArray()).toEqual([[10, 10]]);
    first.dispose();
    first.dispose();
    expect(second.forward([[1]]).toArray()).toEqual([[2, 3]]);
    second.dispose();
    expect(W.disposed).toBe(true);
    expect(live()).toBe(before);
  });

  test('init draws W with the deviation that is asked for, b is zero', () => {
    const deviation = (init?: 'he' | 'xavier' | number) => {
      using layer = Affine.init(400, 300, { rng: random(), init });
      expect(layer.b.toTypedArray().every((v) => v === 0)).toBe(true);
      return Math.sqrt(layer.W.toTypedArray().reduce((a, v) => a + v * v, 0) / layer.W.size);
    };
    expect(deviation()).toBeCloseTo(Math.sqrt(2 / 400), 3);
    expect(deviation('he')).toBeCloseTo(Math.sqrt(2 / 400), 3);
    expect(deviation('xavier')).toBeCloseTo(Math.sqrt(1 / 400), 3);
    expect(deviation(0.01)).toBeCloseTo(0.01, 4);
    expect(deviation(0)).toBe(0);
    for (const [init, std] of [
      ['he', Math.sqrt(2 / 4)],
      ['xavier', Math.sqrt(1 / 4)],
      [0.3, 0.3],
    ] as const) {
      const expected = random(1).normal([4, 3], { std });
      expect(Affine.init(4, 3, { rng: random(1), init }).W.toArray()).toEqual(expected.toArray());
    }
    expect(Affine.init(0, 2, { rng: random() }).W.shape).toEqual([0, 2]);
    expect(Affine.init(3, 2, { rng: random(1) }).W.toArray()).toEqual(
      Affine.init(3, 2, { rng: random(1) }).W.toArray(),
    );
  });

  test("fromLinear takes PyTorch's [out, in], and copies", () => {
    const weight = tensor([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    const bias = tensor([10, 20]);
    using layer = Affine.fromLinear(weight, bias);
    expect(layer.W.toArray()).toEqual([
      [1, 4],
      [2, 5],
      [3, 6],
    ]);
    bias.set([0, 0]);
    expect(layer.forward([[1, 1, 1]]).toArray()).toEqual([[16, 35]]);
    using plain = Affine.fromLinear([[1, 2]]);
    expect(plain.b.toArray()).toEqual([0]);
    using none = Affine.fromLinear([[1, 2]], null);
    expect(none.b.toArray()).toEqual([0]);
  });

  test('construction checks shapes', () => {
    expectError(() => new Affine([1, 2], [1]), ShapeError, 'Affine: expected W of shape [in, out], got [2]');
    expectError(() => new Affine([[1, 2]], [1]), ShapeError, 'Affine: expected b of shape [2], got [1]');
    expectError(() => new Affine([[1, 2]], [[1, 2]]), ShapeError, 'Affine: expected b of shape [2], got [1, 2]');
    expectError(() => new Affine([[1, 2]], [[1], [2]]), ShapeError, 'Affine: expected b of shape [2], got [2, 1]');
    expectError(
      () => new Affine([[[1], [2]]], [1, 2]),
      ShapeError,
      'Affine: expected W of shape [in, out], got [1, 2, 1]',
    );
    expectError(() => new Affine('W' as never, [1]), TypeError, 'Affine: expected W to be a Tensor');
    expectError(() => new Affine([[1]], undefined as never), TypeError, 'Affine: expected b to be a Tensor');
    expectError(
      () => Affine.fromLinear([1]),
      ShapeError,
      'Affine.fromLinear: expected weight of shape [out, in], got [1]',
    );
    expectError(
      () => Affine.fromLinear([[[1]]]),
      ShapeError,
      'Affine.fromLinear: expected weight of shape [out, in], got [1, 1, 1]',
    );
    expectError(
      () => Affine.fromLinear([[1, 2]], [1, 2]),
      ShapeError,
      'Affine.fromLinear: expected bias of shape [1], got [2]',
    );
    const rng = random();
    expectError(
      () => Affine.init(2, 3, undefined as never),
      TypeError,
      'Affine.init: expected rng to be a Random, got undefined',
    );
    expectError(
      () => Affine.init(2, 3, { rng: 5 } as never),
      TypeError,
      'Affine.init: expected rng to be a Random, got 5',
    );
    expectError(() => Affine.init(2, 3, { rng, std: 1 } as never), TypeError, 'Affine.init: unknown option "std"');
    expectError(
      () => Affine.init(2, 3, { rng, init: 'uniform' } as never),
      TypeError,
      "Affine.init: expected init to be 'he', 'xavier' or a number",
    );
    expectError(
      () => Affine.init(2, 3, { rng, init: -1 }),
      RangeError,
      'Affine.init: expected init to be finite and ≥ 0, got -1',
    );
    expectError(() => Affine.init(-2, 3, { rng }), RangeError, 'Affine.init: expected shape[0] to be an integer');
    expectError(() => Affine.init(2, 0.5, { rng }), RangeError, 'Affine.init: expected shape[1] to be an integer');
    expectError(
      () => Affine.init('2' as never, 3, { rng }),
      TypeError,
      'Affine.init: expected shape[0] to be a number',
    );
  });
});

describe('predict', () => {
  test("the bits of forward, fresh, the caller's, and nothing that a pending backward needs is changed", () => {
    using layer = layerOf(3, 2);
    const x = normalTensor([4, 3]);
    const y = layer.forward(x);
    const kept = y.toTypedArray();
    const a = layer.predict(normalTensor([7, 3], 5));
    const b = layer.predict(x);
    expect(a).not.toBe(b);
    expectSameBits(b.toTypedArray(), kept);
    expectSameBits(y.toTypedArray(), kept);
    const dx = layer.backward(normalTensor([4, 2])).toTypedArray();
    layer.forward(x);
    layer.predict([[1, 1, 1]]);
    expectSameBits(layer.backward(normalTensor([4, 2])).toTypedArray(), dx);
    layer.dispose();
    expect(a.toTypedArray()).toHaveLength(14);
    a.dispose();
    b.dispose();
  });

  test('into out', () => {
    using layer = layerOf(2, 2);
    const x = normalTensor([2, 2]);
    const out = zeros([2, 2]);
    expect(layer.predict(x, { out })).toBe(out);
    expectSameBits(out.toTypedArray(), layer.predict(x).toTypedArray());
    for (const bad of [x, layer.W]) {
      expectError(() => layer.predict(x, { out: bad }), AliasError, 'Affine.predict: out has the memory of an input');
    }
    expectError(
      () => layer.predict(x, { out: zeros([3, 2]) }),
      ShapeError,
      'Affine.predict: expected out of shape [2, 2], got [3, 2]',
    );
    expectError(() => layer.predict(x, { output: out } as never), TypeError, 'Affine.predict: unknown option "output"');
    expectError(() => layer.predict([[1, 2, 3]]), ShapeError, 'Affine.predict: expected x of shape [N, 2], got [1, 3]');
  });
});

describe('errors', () => {
  test('x and dout of the wrong shape; the right one still works after', () => {
    using layer = layerOf(784, 10);
    expectError(
      () => layer.forward(zeros([100, 783])),
      ShapeError,
      'Affine.forward: expected x of shape [N, 784], got [100, 783]; W is [784, 10]',
    );
    expectError(() => layer.forward(5), ShapeError, 'Affine.forward: expected x of shape [N, 784], got []');
    expectError(
      () => layer.forward(zeros([784])),
      ShapeError,
      'Affine.forward: expected x of shape [N, 784], got [784]',
    );
    expectError(() => layerOf(1, 2).forward(5), ShapeError, 'Affine.forward: expected x of shape [N, 1], got []');
    expectError(() => layer.backward(zeros([1, 10])), BackwardError, 'Affine.backward: call forward() first');
    layer.forward(zeros([2, 784]));
    expectError(
      () => layer.backward(zeros([2, 9])),
      ShapeError,
      'Affine.backward: expected dout of shape [2, 10], got [2, 9]',
    );
    for (const shape of [[3, 10], [10, 2], [20], [2, 10, 1]]) {
      expectError(() => layer.backward(zeros(shape)), ShapeError, 'Affine.backward: expected dout of shape [2, 10]');
    }
    expectError(
      () => layer.backward(zeros([2, 10]), { inputgrad: true } as never),
      TypeError,
      'Affine.backward: unknown option "inputgrad"; known are inputGrad, accumulate',
    );
    expectError(
      () => layer.backward(zeros([2, 10]), { inputGrad: 0 } as never),
      TypeError,
      'Affine.backward: expected inputGrad to be a boolean, got 0',
    );
    expectError(
      () => layer.backward(zeros([2, 10]), { accumulate: 1 } as never),
      TypeError,
      'Affine.backward: expected accumulate to be a boolean, got 1',
    );
    expect(layer.dW).toBeNull();
    expect(layer.backward(zeros([2, 10])).shape).toEqual([2, 784]);
    expectError(
      () => layer.backward(zeros([2, 10])),
      BackwardError,
      /Affine.backward: this forward had its backward already; .*share\(\)/,
    );
  });

  test('its own output as x is an AliasError, through reshape too, and leaves both passes intact', () => {
    using layer = layerOf(3, 3);
    const y = layer.forward(normalTensor([2, 3]));
    const values = y.toTypedArray();
    expectError(() => layer.forward(y), AliasError, 'Affine.forward: x is the output of this layer');
    expectError(() => layer.forward(y.reshape([2, 3, 1])), AliasError, 'Affine.forward: x is the output of this layer');
    expectSameBits(y.toTypedArray(), values);
    expect(layer.backward(normalTensor([2, 3])).shape).toEqual([2, 3]);
    layer.forward(layer.forward(normalTensor([2, 3])).clone());
  });

  test('gradients of its own as dout or x are AliasErrors where they would be overwritten', () => {
    using layer = layerOf(3, 3);
    const pass = (x: Tensor) => {
      layer.forward(x);
      return layer.backward(normalTensor([3, 3]));
    };
    const dx = pass(normalTensor([3, 3]));
    layer.forward(normalTensor([3, 3]));
    for (const dout of [dx, layer.dW!]) {
      expectError(
        () => layer.backward(dout),
        AliasError,
        'Affine.backward: dout is a gradient that this layer computed before',
      );
    }
    expectError(() => layer.backward(layer.db!.reshape([1, 3])), ShapeError, 'Affine.backward: expected dout');
    layer.backward(normalTensor([3, 3]));
    layer.forward(normalTensor([1, 3]));
    expectError(
      () => layer.backward(layer.db!.reshape([1, 3]), { accumulate: true }),
      AliasError,
      'Affine.backward: dout is a gradient that this layer computed before',
    );
    layer.backward(normalTensor([1, 3]));
    layer.forward(layer.dW!);
    expectError(
      () => layer.backward(normalTensor([3, 3])),
      AliasError,
      'Affine.backward: x of Affine.forward is a gradient that this layer computed before',
    );
    // dx as the next x is fine: it is read before it is overwritten.
    const again = pass(normalTensor([3, 3], 4));
    const copy = again.clone();
    layer.forward(again);
    layer.backward(normalTensor([3, 3]));
    const dW = layer.dW!.toTypedArray();
    layer.forward(copy);
    layer.backward(normalTensor([3, 3]));
    expectSameBits(layer.dW!.toTypedArray(), dW);
  });

  test('x disposed, stale or overwritten between forward and backward', () => {
    using layer = layerOf(2, 2);
    const dout = normalTensor([1, 2]);
    const gone = tensor([[1, 2]]);
    layer.forward(gone);
    gone.dispose();
    expectError(
      () => layer.backward(dout),
      DisposedError,
      'Affine.backward: x of Affine.forward: this tensor was disposed',
    );

    using relu = new ReLU();
    layer.forward(relu.forward([[1, 2]]));
    relu.forward([[3, 4]]);
    expectError(
      () => layer.backward(dout),
      StaleTensorError,
      'Affine.backward: x of Affine.forward: this output of ReLU.forward was overwritten',
    );

    const x = tensor([[1, 2]]);
    for (const write of [() => add(x, 1, { out: x }), () => x.set([5, 6]), () => x.reshape([2]).set([1, 2])]) {
      layer.forward(x);
      write();
      expectError(
        () => layer.backward(dout),
        StaleTensorError,
        'Affine.backward: x of Affine.forward was overwritten since',
      );
    }
    layer.forward(x);
    x.data[0] = 7; // the expert's door is not watched
    expect(layer.backward(dout).shape).toEqual([1, 2]);
  });

  test('an array x belongs to the layer: later changes of it have no effect', () => {
    using layer = layerOf(2, 1);
    const x = [[1, 2]];
    layer.forward(x);
    x[0][0] = 100;
    layer.backward([[1]]);
    expect(layer.dW!.toArray()).toEqual([[1], [2]]);
  });

  test('weights that were disposed', () => {
    const W = normalTensor([2, 2]);
    using layer = new Affine(W, [0, 0]);
    layer.forward([[1, 2]]);
    W.dispose();
    expectError(() => layer.forward([[1, 2]]), DisposedError, 'Affine.forward: W: this tensor was disposed');
    expectError(() => layer.predict([[1, 2]]), DisposedError, 'Affine.predict: W: this tensor was disposed');
    expectError(() => layer.backward([[1, 2]]), DisposedError, 'Affine.backward: W: this tensor was disposed');
    expect(layer.dW).toBeNull();

    const b = normalTensor([2]);
    using other = new Affine(normalTensor([2, 2]), b);
    b.dispose();
    expectError(() => other.forward([[1, 2]]), DisposedError, 'Affine.forward: b: this tensor was disposed');
    expectError(() => other.predict([[1, 2]]), DisposedError, 'Affine.predict: b: this tensor was disposed');
  });

  test('predict into a parameter is an AliasError', () => {
    using layer = layerOf(2, 2);
    const x = normalTensor([1, 2]);
    expectError(
      () => layer.predict(x, { out: layer.b.reshape([1, 2]) }),
      AliasError,
      'Affine.predict: out has the memory of an input',
    );
    expectError(
      () => layer.predict(normalTensor([2, 2]), { out: layer.W }),
      AliasError,
      'Affine.predict: out has the memory of an input',
    );
  });

  test('a disposed layer', () => {
    const layer = layerOf(2, 2);
    const y = layer.forward([[1, 2]]);
    layer.dispose();
    layer.dispose();
    expectError(() => y.data, DisposedError, 'Tensor.data');
    expectError(() => layer.forward([[1, 2]]), DisposedError, 'Affine.forward: this layer was disposed');
    expectError(() => layer.backward([[1, 2]]), DisposedError, 'Affine.backward: this layer was disposed');
    expectError(() => layer.predict([[1, 2]]), DisposedError, 'Affine.predict: this layer was disposed');
    expectError(() => layer.share(), DisposedError, 'Affine.share: this layer was disposed');
  });
});

test('parameters are no weights: they come with a layer, or from a share()', () => {
  const [W, b] = layerOf(2, 3).parameters();
  const message = 'Affine: expected W to be a Tensor, numbers or a typed array, got an object (Parameter)';
  expectError(() => new Affine(W as never, b as never), TypeError, message);
});

describe('share', () => {
  test('a twin has the same parameters and activations of its own', () => {
    const before = live();
    const layer = layerOf(2, 2);
    const twin = layer.share();
    expect(twin.W).toBe(layer.W);
    expect(twin.parameters()[0]).toBe(layer.parameters()[0]);
    const y = layer.forward([[1, 2]]);
    const z = twin.forward([[3, 4]]);
    expect(y.toArray()).not.toEqual(z.toArray());
    layer.backward([[1, 0]]);
    twin.backward([[0, 1]], { accumulate: true });
    expect(layer.dW!.toArray()).toEqual([
      [1, 3],
      [2, 4],
    ]);
    expect(twin.dW).toBe(layer.dW);
    layer.dispose();
    expect(twin.forward([[1, 2]]).shape).toEqual([1, 2]);
    twin.dispose();
    expect(twin.W.disposed).toBe(true);
    expect(live()).toBe(before);
  });
});

test('predict looks at out once: what it checked is what it writes to', () => {
  const layer = layerOf(2, 2);
  const [large, small, neighbour] = [zeros([20, 2]), zeros([1]), zeros([16])];
  let reads = 0;
  const options = {
    get out() {
      return reads++ === 0 ? large : small;
    },
  };
  expect(layer.predict(normalTensor([20, 2]), options)).toBe(large);
  expect(reads).toBe(1);
  expect(small.toArray()).toEqual([0]);
  expect(neighbour.toTypedArray()).toEqual(new Float32Array(16));
});

test.each<[string, () => Affine]>([
  ['new', () => new Affine([[1, 2]], [3, 4])],
  ['init', () => Affine.init(1, 2, { rng: new Random(1) })],
  ['fromLinear of arrays', () => Affine.fromLinear([[1], [2]], [3, 4])],
])('where memory ends in the middle of %s, what was made before is given back', (_how, make) => {
  const before = live();
  let failures = 0;
  for (let fail = 1; ; fail++) {
    const spy = memoryEnds('allocate', fail);
    try {
      make().dispose();
      break;
    } catch (error) {
      expect(error).toBeInstanceOf(OutOfMemoryError);
      failures++;
    } finally {
      spy.mockRestore();
    }
    expect(live()).toBe(before);
  }
  expect(failures).toBeGreaterThanOrEqual(2);
});

test.each([1, 2])('init that lacks the memory for allocation %i has drawn nothing', (fail) => {
  const rng = random();
  const spy = memoryEnds('allocate', fail);
  expectError(() => Affine.init(2, 3, { rng }), OutOfMemoryError, 'test');
  spy.mockRestore();
  expect(rng.normal([4]).toArray()).toEqual(random().normal([4]).toArray());
});

test('a layer that could not be made does not own its W', () => {
  const W = tensor([[1, 2]]);
  const spy = vi.spyOn(engine, 'allocate').mockImplementation(() => {
    throw new OutOfMemoryError('test');
  });
  expectError(() => new Affine(W, [3, 4]), OutOfMemoryError, 'test');
  spy.mockRestore();
  new Affine(W, [3, 4]).dispose();
  expect(W.disposed).toBe(true);
});

test('a second dispose of a layer leaves its twin', () => {
  const layer = new Affine(ones([2, 2]), zeros([2]));
  const twin = layer.share();
  layer.dispose();
  layer.dispose();
  expect(twin.forward([[1, 2]]).toArray()).toEqual([[3, 3]]);
  twin.dispose();
});

test('accumulate adds to a gradient that W alone has', () => {
  const layer = new Affine(ones([1, 1]), zeros([1]));
  layer.parameters()[0]!.accumulate([[10]]);
  layer.forward([[2]]);
  layer.backward([[3]], { accumulate: true });
  expect([layer.dW!.toArray(), layer.db!.toArray()]).toEqual([[[16]], [3]]);
});

test('a layer without inputs adds up the gradient of its bias: its product has no rows', () => {
  using layer = new Affine(zeros([0, 5000]), zeros([5000]));
  for (const accumulate of [false, true]) {
    layer.forward(zeros([1, 0]));
    layer.backward(ones([1, 5000]), { accumulate });
  }
  expect(layer.dW!.shape).toEqual([0, 5000]);
  expect(new Set(layer.db!.toTypedArray())).toEqual(new Set([2]));
});
