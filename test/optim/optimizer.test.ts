import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  Affine,
  BackwardError,
  DisposedError,
  mul,
  Optimizer,
  Parameter,
  ReLU,
  SGD,
  ShapeError,
  StaleTensorError,
  sub,
  type Tensor,
  tensor,
  tidy,
  zeros,
} from '../../src/index';
import { expectError, live, random } from '../support/facade';
import { pair, shapes } from '../support/shapes';

function withGradient(value: number[], gradient: number[], name = 'p'): Parameter {
  const parameter = new Parameter(name, tensor(value));
  parameter.accumulate(gradient);
  return parameter;
}

describe('SGD', () => {
  test('step is W − η·dW, in place, for any shape', () => {
    fc.assert(
      fc.property(shapes({ max: 9 }), fc.constantFrom(0, 0.1, 1, 3), fc.nat(), (shape, learningRate, seed) =>
        tidy(() => {
          const [w, g] = [pair(shape, seed), pair(shape, seed + 1)];
          const parameter = new Parameter('p', w.t);
          parameter.accumulate(g.t);
          new SGD([parameter], { learningRate }).step();
          expect(parameter.value).toBe(w.t);
          const after = w.t.toTypedArray();
          const rate = Math.fround(learningRate);
          w.nd.data.forEach((v, i) => {
            // Fused or not: at most one rounding of the product and one of the difference.
            const step = rate * g.nd.data[i];
            expect(Math.abs(after[i] - (v - step))).toBeLessThanOrEqual(
              2 ** -24 * (Math.abs(step) + Math.abs(v - step)) + 1e-45,
            );
          });
          expect(parameter.grad!.toTypedArray()).toEqual(Float32Array.from(g.nd.data));
          w.t.dispose();
        }),
      ),
      { numRuns: 60 },
    );
  });

  test('a parameter given twice counts once', () => {
    const p = withGradient([1], [1]);
    new SGD([p, p], { learningRate: 0.5 }).step();
    expect(p.value.toArray()).toEqual([0.5]);
  });

  test('skips parameters without a gradient, and throws when none has one', () => {
    const p = withGradient([1], [1]);
    const q = new Parameter('q', tensor([1]));
    new SGD([q, p], { learningRate: 0.5 }).step();
    expect(p.value.toArray()).toEqual([0.5]);
    expect(q.value.toArray()).toEqual([1]);
    expectError(
      () => new SGD([q], { learningRate: 1 }).step(),
      BackwardError,
      'SGD.step: no parameter has a gradient; call backward() first',
    );
    new SGD([], { learningRate: 1 }).step();
  });

  test('zeroGrad', () => {
    const p = withGradient([1], [1]);
    const optimizer = new SGD([p], { learningRate: 1 });
    optimizer.zeroGrad();
    optimizer.step();
    expect(p.grad!.toArray()).toEqual([0]);
    expect(p.value.toArray()).toEqual([1]);
  });

  test('learningRate can be changed, and is checked', () => {
    const p = withGradient([0], [1]);
    const optimizer = new SGD([p], { learningRate: 1 });
    optimizer.learningRate = 0.25;
    expect(optimizer.learningRate).toBe(0.25);
    optimizer.step();
    expect(p.value.toArray()).toEqual([-0.25]);
    for (const bad of [-1, Number.NaN, Infinity, 1e39]) {
      expectError(
        () => {
          optimizer.learningRate = bad;
        },
        RangeError,
        `SGD: expected learningRate to be finite and ≥ 0, got ${bad}`,
      );
      expectError(() => new SGD([p], { learningRate: bad }), RangeError, 'SGD: expected learningRate');
    }
    expectError(
      () => {
        optimizer.learningRate = '1' as never;
      },
      TypeError,
      'SGD: expected learningRate to be a number, got the string "1"',
    );
    expect(optimizer.learningRate).toBe(0.25);
  });

  test('checks its arguments', () => {
    expectError(
      () => new SGD(undefined as never, { learningRate: 1 }),
      TypeError,
      'SGD: expected an array of parameters, got undefined',
    );
    expectError(
      () => new SGD([zeros([1])] as never, { learningRate: 1 }),
      TypeError,
      'SGD: expected parameters[0] to be a Parameter, got an object (Tensor)',
    );
    expectError(
      () => new SGD(Affine.init(1, 1, { rng: random() }) as never, { learningRate: 1 }),
      TypeError,
      'SGD: expected an array of parameters, got an object (Affine)',
    );
    expectError(
      () => new SGD([], undefined as never),
      TypeError,
      'SGD: expected learningRate to be a number, got undefined',
    );
    expectError(() => new SGD([], { lr: 1 } as never), TypeError, 'SGD: unknown option "lr"; known are learningRate');
    expectError(() => new SGD([], 0.1 as never), TypeError, 'SGD: expected options to be an object, got 0.1');
  });

  test('reads its parameters once', () => {
    const p = withGradient([1], [1]);
    let reads = 0;
    const parameters = [p];
    Object.defineProperty(parameters, 0, { get: () => (reads++ === 0 ? p : {}) });
    new SGD(parameters, { learningRate: 1 }).step();
    expect(p.value.toArray()).toEqual([0]);
  });

  test('all are checked before the first is changed', () => {
    const p = withGradient([1], [1]);
    const q = withGradient([1], [1], 'q');
    q.value.dispose();
    const optimizer = new SGD([p, q], { learningRate: 1 });
    expectError(() => optimizer.step(), DisposedError, 'SGD.step: q: this tensor was disposed');
    expect(p.value.toArray()).toEqual([1]);
    const relu = new ReLU();
    const stale = new Parameter('stale', relu.forward([1]));
    stale.accumulate([1]);
    relu.forward([2]);
    expectError(
      () => new SGD([p, stale], { learningRate: 1 }).step(),
      StaleTensorError,
      'SGD.step: stale: this output of ReLU.forward',
    );
    expect(p.value.toArray()).toEqual([1]);
  });

  test('a step is a write: a layer that keeps the value as its input is told', () => {
    const W = tensor([[1]]);
    const first = new Affine(W, [0]);
    const reader = new Affine([[1]], [0]);
    reader.forward(W);
    first.forward([[1]]);
    first.backward([[1]]);
    new SGD(first.parameters(), { learningRate: 1 }).step();
    expectError(
      () => reader.backward([[1]]),
      StaleTensorError,
      'Affine.backward: x of Affine.forward was overwritten since',
    );
  });

  test('after the layers are disposed there is nothing to step', () => {
    const layer = Affine.init(1, 1, { rng: random() });
    layer.forward([[1]]);
    layer.backward([[1]]);
    const optimizer = new SGD(layer.parameters(), { learningRate: 1 });
    layer.dispose();
    expectError(() => optimizer.step(), DisposedError, 'SGD.step: W: this tensor was disposed');
  });

  test('has no state to free; dispose and using work', () => {
    const before = live();
    {
      using optimizer = new SGD([], { learningRate: 1 });
      expect(optimizer).toBeInstanceOf(Optimizer);
    }
    expect(live()).toBe(before);
  });
});

test("an optimizer of the user's own inherits the loop", () => {
  class SignSGD extends Optimizer {
    constructor(parameters: readonly Parameter[]) {
      super('SignSGD', parameters);
    }
    disposed = false;
    dispose(): void {
      this.disposed = true;
    }
    protected update(_parameter: Parameter, value: Tensor, grad: Tensor): void {
      value.set(value.toTypedArray().map((v, i) => v - Math.sign(grad.data[i])));
    }
  }
  const p = withGradient([1, 1], [5, -5]);
  const optimizer = new SignSGD([p, p]);
  {
    using one = optimizer;
    one.step();
  }
  expect(optimizer.disposed).toBe(true);
  expect(p.value.toArray()).toEqual([0, 2]);
  expectError(() => new SignSGD([1] as never), TypeError, 'SignSGD: expected parameters[0] to be a Parameter, got 1');
  const unused = new Parameter('q', zeros([1]));
  expectError(() => new SignSGD([unused]).step(), BackwardError, 'SignSGD.step: no parameter has a gradient');
});

describe('a subclass of SGD that calls its update', () => {
  const scaled = (parameters: Parameter[], change: (g: Tensor) => Tensor) =>
    new (class extends SGD {
      protected override update(parameter: Parameter, value: Tensor, grad: Tensor): void {
        super.update(parameter, value, change(grad));
      }
    })(parameters, { learningRate: 1 });

  test('with a gradient of another shape: a ShapeError, and nothing is written', () => {
    const p = withGradient([1, 2, 3], [1, 1, 1]);
    const step = () => scaled([p], () => tensor([1])).step();
    expectError(step, ShapeError, 'SGD.step: expected grad of shape [3], got [1]');
    expect(p.value.toArray()).toEqual([1, 2, 3]);
  });

  test('with a gradient that was disposed: a DisposedError', () => {
    const p = withGradient([1, 2, 3], [1, 1, 1]);
    const step = () =>
      scaled([p], (g) => {
        const copy = g.clone();
        copy.dispose();
        return copy;
      }).step();
    expect(step).toThrow(DisposedError);
    expect(p.value.toArray()).toEqual([1, 2, 3]);
  });

  test('after it disposed the value: a DisposedError', () => {
    const p = withGradient([1, 2, 3], [1, 1, 1]);
    const step = () =>
      scaled([p], (g) => {
        p.value.dispose();
        return g;
      }).step();
    expectError(step, DisposedError, 'SGD.step: this tensor was disposed');
  });

  test('with one of its own making', () => {
    const p = withGradient([1, 2, 3], [1, 1, 1]);
    scaled([p], (g) => mul(g, 0.5)).step();
    expect(p.value.toArray()).toEqual([0.5, 1.5, 2.5]);
  });
});

test('a subclass that looks at all gradients at once: clipping by their global norm', () => {
  class Clipped extends Optimizer {
    constructor(parameters: readonly Parameter[]) {
      super('Clipped', parameters);
    }
    override step(): void {
      const squares = this.parameters.flatMap(({ grad }) => [...(grad?.toTypedArray() ?? [])].map((g) => g * g));
      this.#scale = 1 / Math.sqrt(squares.reduce((a, b) => a + b));
      super.step();
    }
    #scale = 1;
    dispose(): void {}
    protected update(_parameter: Parameter, value: Tensor, grad: Tensor): void {
      tidy(() => value.set(sub(value, mul(grad, this.#scale))));
    }
  }
  const [p, q] = [withGradient([1, 1], [3, 0]), withGradient([1], [4])];
  new Clipped([p, q, p, new Parameter('unused', zeros([1]))]).step(); // the norm is 5
  expect([...p.value.toTypedArray(), q.value.item()].map((v) => Number(v.toFixed(6)))).toEqual([0.4, 1, 0.2]);
});

test('a gradient that was disposed: nothing has changed', () => {
  const layer = new Affine([[1]], [0]);
  layer.forward([[2]]);
  layer.backward([[3]]);
  const optimizer = new SGD(layer.parameters(), { learningRate: 1 });
  layer.db!.dispose();
  expectError(() => optimizer.step(), DisposedError, 'SGD.step: db: this tensor was disposed');
  expect(layer.W.toArray()).toEqual([[1]]);
});
