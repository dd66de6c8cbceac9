import { describe, expect, test } from 'vitest';
import {
  Affine,
  BackwardError,
  type BackwardOptions,
  gradientCheckLayer,
  type Layer,
  LayerBuffer,
  mul,
  Parameter,
  type PredictOptions,
  ReLU,
  Sequential,
  SGD,
  StaleTensorError,
  sum,
  type Tensor,
  type TensorLike,
  tidy,
  toTensor,
} from '../../src/index';
import { expectError, live, normalTensor, random } from '../support/facade';

/** y = s·x with one learned s for each column: a whole layer of a user, from public parts only. */
class Scale implements Layer {
  readonly #s: Parameter;
  readonly #y = new LayerBuffer('Scale.forward');
  readonly #dx = new LayerBuffer('Scale.backward');
  #x: Tensor | undefined;

  constructor(s: TensorLike | Parameter) {
    this.#s = s instanceof Parameter ? s : new Parameter('s', toTensor(s));
  }

  forward(x: TensorLike): Tensor {
    this.#x = toTensor(x);
    return mul(this.#x, this.#s.value, { out: this.#y.get(this.#x.shape) });
  }

  backward(dout: TensorLike, { inputGrad = true, accumulate = false }: BackwardOptions = {}): Tensor {
    const x = this.#x!;
    if (!accumulate) this.#s.zeroGrad();
    tidy(() => this.#s.accumulate(sum(mul(dout, x), { axis: 0 })));
    return inputGrad ? mul(dout, this.#s.value, { out: this.#dx.get(x.shape) }) : x;
  }

  predict(x: TensorLike, options?: PredictOptions): Tensor {
    return mul(x, this.#s.value, options);
  }

  parameters(): Parameter[] {
    return [this.#s];
  }

  share(): Scale {
    return new Scale(this.#s);
  }

  dispose(): void {
    this.#y.dispose();
    this.#dx.dispose();
    this.#s.value.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

describe("a layer of the user's own", () => {
  test('has right gradients', () => {
    expect(gradientCheckLayer(new Scale([1, -2, 3]), normalTensor([4, 3])).maxError).toBeLessThan(2e-3);
  });

  test('trains in a Sequential, with its parameter named by where it stands', () => {
    const rng = random();
    const net = new Sequential({ affine: Affine.init(3, 2, { rng }), scale: new Scale([1, 1]) });
    expect(net.parameters().map(({ name }) => name)).toEqual(['affine.W', 'affine.b', 'scale.s']);
    const optimizer = new SGD(net.parameters(), { learningRate: 0.1 });
    const x = normalTensor([8, 3]);
    const loss = () => tidy(() => sum(mul(net.predict(x), net.predict(x))).item());
    const before = loss();
    for (let i = 0; i < 20; i++) {
      const y = net.forward(x);
      tidy(() => net.backward(mul(y, 0.1)));
      optimizer.step();
    }
    expect(loss()).toBeLessThan(before / 2);
  });

  test('a loop of it allocates nothing after the first round', () => {
    const layer = new Scale([1, 2]);
    const x = normalTensor([5, 2]);
    const round = () => {
      layer.forward(x);
      layer.backward(x);
    };
    round();
    const before = live();
    for (let i = 0; i < 50; i++) round();
    expect(live()).toBe(before);
  });

  test('its outputs turn stale as ours do, and Sequential sees that it ran elsewhere', () => {
    const scale = new Scale([1, 2]);
    const net = new Sequential([scale]);
    const y = net.forward([[1, 1]]);
    scale.forward([[2, 2]]);
    expectError(
      () => y.data,
      StaleTensorError,
      'Tensor.data: this output of Scale.forward was overwritten by a later forward(); use predict()',
    );
    expectError(() => net.backward([[1, 1]]), BackwardError, 'Sequential.backward: layer 0 ran another forward since');
  });

  test('Sequential sees that it ran elsewhere where it stands behind a pair that runs as one', () => {
    const rng = random();
    const scale = new Scale([1, 2]);
    const net = new Sequential([Affine.init(2, 2, { rng }), new ReLU(), scale]);
    net.forward([[1, 1]]);
    scale.forward([[2, 2]]);
    expectError(() => net.backward([[1, 1]]), BackwardError, 'Sequential.backward: layer 2 ran another forward since');
  });

  test('an output that was disposed is none that a later forward overwrote', () => {
    const layer = {
      forward(x: TensorLike): Tensor {
        return mul(x, 3); // for the tidy around it
      },
      backward: (dout: TensorLike): Tensor => mul(dout, 3),
      predict: (x: TensorLike): Tensor => mul(x, 3),
      parameters: () => [],
      share: () => layer,
      dispose() {},
      [Symbol.dispose]() {},
    };
    const net = new Sequential([layer]);
    tidy(() => net.forward([[1, 2]]).size);
    expect(net.backward([[1, 2]], { inputGrad: true }).toArray()).toEqual([[3, 6]]);
  });

  test('whose forward returns no Tensor: its backward is called all the same', () => {
    for (const output of [[[1, 2]], undefined]) {
      const layer: Layer = new Scale([1, 1]);
      layer.forward = (): Tensor => output as never;
      layer.backward = (dout: TensorLike): Tensor => toTensor(dout);
      const net = new Sequential([layer]);
      expect(net.forward([[1, 2]])).toBe(output);
      expect(net.backward([[3, 4]], { inputGrad: true }).toArray()).toEqual([[3, 4]]);
    }
  });

  test('whose predict returns an array, or nothing: the next layer judges, wherever it stands', () => {
    const layer: Layer = new Scale([1, 1]);
    layer.predict = (): Tensor => [[-1, 2]] as never;
    expect(new Sequential([layer, new ReLU()]).predict([[0, 0]]).toArray()).toEqual([[0, 2]]);
    const out = new Float32Array(2);
    expect([...new Sequential([new ReLU(), layer]).predict([[0, 0]], { out })]).toEqual([-1, 2]);
    const message = 'ReLU.predict: expected x to be a Tensor';
    layer.predict = (): Tensor => undefined as never;
    expectError(() => new Sequential([layer, new ReLU()]).predict([[0, 0]]), TypeError, message);
    layer.predict = (): Tensor => ['a'] as never;
    expectError(() => new Sequential([layer, new ReLU()]).predict([[0, 0]]), TypeError, 'ReLU.predict: ');
  });

  test('that has something else under the name of our count of forwards', () => {
    for (const passes of [3, null, { count: 5 }]) {
      const net = new Sequential([Object.assign(new Scale([2, 3]), { passes })]);
      net.forward([[1, 1]]);
      Object.assign(net.layers[0], { passes: { count: 6 } });
      expect(net.backward([[1, 1]], { inputGrad: true }).toArray()).toEqual([[2, 3]]);
    }
  });

  test('that writes to the options of backward, which serve other calls, is told', () => {
    const layer: Layer = new Scale([1, 1]);
    layer.backward = (dout: TensorLike, options?: BackwardOptions): Tensor => {
      options!.accumulate = true;
      return toTensor(dout);
    };
    const net = new Sequential([new ReLU(), layer]);
    net.forward([[1, 2]]);
    expect(() => net.backward([[1, 1]])).toThrow(/read.only/);
  });

  test('that holds a network: the names inside tell its parameters apart', () => {
    const rng = random();
    class Residual extends Scale {
      readonly body = new Sequential([Affine.init(2, 2, { rng }), new ReLU(), Affine.init(2, 2, { rng })]);
      override parameters(): Parameter[] {
        return [...this.body.parameters(), ...super.parameters()];
      }
    }
    const net = new Sequential({ block: new Residual([1, 1]), out: Affine.init(2, 1, { rng }) });
    const names = ['block.0.W', 'block.0.b', 'block.2.W', 'block.2.b', 'block.s', 'out.W', 'out.b'];
    expect(net.parameters().map(({ name }) => name)).toEqual(names);
  });

  test('in place on its own output: the handle it reads has just been made stale by get()', () => {
    const layer = new Scale([2]);
    const y = layer.forward([[1]]);
    expectError(() => layer.forward(y), StaleTensorError, 'mul: a: this output of Scale.forward was overwritten');
  });
});
