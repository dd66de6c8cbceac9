import { describe, expect, test } from 'vitest';
import {
  Affine,
  type BackwardOptions,
  gradientCheck,
  gradientCheckLayer,
  type Layer,
  Parameter,
  Random,
  ReLU,
  Sequential,
  ShapeError,
  Sigmoid,
  type Tensor,
  type TensorLike,
  tensor,
} from '../../src/index';
import { expectError, live, normalTensor, random } from '../support/facade';

const square = (x: Tensor) => x.data.reduce((total, v) => total + v * v, 0);

describe('gradientCheck', () => {
  test('a right gradient passes, and the worst element is named', () => {
    const x = tensor([
      [1, 2],
      [3, 4],
    ]);
    const { maxError, worst } = gradientCheck(square, x, [
      [2, 4],
      [6, 8],
    ]);
    expect(maxError).toBeLessThan(1e-3);
    expect(worst.parameter).toBe('x');
    expect(worst.index).toHaveLength(2);
  });

  test('one wrong element is found, with its position and both values', () => {
    const x = tensor([
      [1, 2],
      [3, 4],
    ]);
    const { maxError, worst } = gradientCheck(
      square,
      x,
      tensor([
        [2, 4],
        [6.5, 8],
      ]),
    );
    expect(maxError).toBeCloseTo(0.5 / 8, 3);
    expect(worst.index).toEqual([1, 0]);
    expect(worst.analytic).toBe(6.5);
    expect(worst.numeric).toBeCloseTo(6, 2);
    const wide = tensor([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    for (const [i, index] of [[2, [0, 2]] as const, [3, [1, 0]] as const, [5, [1, 2]] as const]) {
      const wrong = Float32Array.of(2, 4, 6, 8, 10, 12);
      wrong[i]! += 1;
      expect(gradientCheck(square, wide, tensor(wrong, [2, 3])).worst.index).toEqual(index);
    }
  });

  test('a kink crossed by the step is not taken for an error, a wrong sign is', () => {
    const x = tensor([5e-4, -5e-4, 1]);
    const f = (t: Tensor) => t.data.reduce((total, v) => total + Math.max(v, 0), 0);
    expect(gradientCheck(f, x, [1, 0, 1]).maxError).toBeLessThan(1e-2);
    expect(gradientCheck(f, x, [1, 0, -1]).maxError).toBeGreaterThan(1);
  });

  test('NaN is the worst of all', () => {
    const { maxError, worst } = gradientCheck(square, tensor([1, 2]), [Number.NaN, 5]);
    expect(maxError).toBeNaN();
    expect(worst.index).toEqual([0]);
  });

  test('what the rounding of float32 makes of small weights is no mistake', () => {
    const rng = new Random(4);
    const layers = [Affine.init(784, 20, { rng, init: 0.01 }), new Sigmoid(), Affine.init(20, 10, { rng, init: 0.01 })];
    using net = new Sequential(layers);
    expect(gradientCheckLayer(net, rng.normal([3, 784]), { labels: [1, 2, 3] }).maxError).toBeLessThan(5e-3);
  });

  test('a larger step excuses no gradient that is wrong: of what bends, and beside a kink', () => {
    const x = tensor([0.3]);
    const wave = (t: Tensor) => Math.sin(60 * t.data[0]!);
    const exact = 60 * Math.cos(60 * x.data[0]!);
    for (const part of [0.99, 0.963, 0.9]) {
      expect(gradientCheck(wave, x, [part * exact]).maxError).toBeGreaterThan(0.9 * (1 - part));
    }
    const kink = tensor([0.002]);
    for (const wrong of [0.25, 0.5]) {
      expect(gradientCheck((t) => Math.abs(t.data[0]!), kink, [wrong]).maxError).toBeGreaterThan(0.9 * (1 - wrong));
    }
  });

  test('a larger step that leaves the domain of f is not taken', () => {
    const root = tensor([0.005]);
    const f = (t: Tensor): number => {
      if (t.data[0]! < 0) throw new RangeError('out of the domain');
      return t.data[0]! ** 2;
    };
    expect(gradientCheck(f, root, [5]).maxError).toBeCloseTo(0.998, 3);
    expect(root.item()).toBeCloseTo(0.005, 9);
  });

  test('checks its arguments', () => {
    const x = tensor([1, 2]);
    expectError(
      () => gradientCheck(square, x, [1]),
      ShapeError,
      'gradientCheck: expected analytic of shape [2], got [1]',
    );
    expectError(
      () => gradientCheck(square, x, 'g' as never),
      TypeError,
      'gradientCheck: expected analytic to be a Tensor',
    );
    expectError(
      () => gradientCheck(square, x, [1, 2], { h: 0 }),
      RangeError,
      'gradientCheck: expected h to be finite and > 0, got 0',
    );
    expectError(
      () => gradientCheck(1 as never, x, [1, 2]),
      TypeError,
      'gradientCheck: expected f to be a function, got 1',
    );
    expectError(() => gradientCheck(square, 1 as never, [1, 2]), TypeError, 'gradientCheck: expected x to be a Tensor');
    expectError(() => gradientCheck(square, tensor([]), []), ShapeError, 'gradientCheck: no element to check');
    const before = live();
    gradientCheck(square, x, [2, 4]);
    expect(live()).toBe(before);
  });
});

describe('gradientCheckLayer', () => {
  const rng = random();

  test('every gradient of every layer is right, with and without labels', () => {
    for (const layer of [
      Affine.init(3, 4, { rng }),
      new Sequential([Affine.init(3, 5, { rng }), new Sigmoid(), Affine.init(5, 4, { rng })]),
      new Sequential([Affine.init(3, 5, { rng }), new ReLU(), Affine.init(5, 4, { rng })]),
    ]) {
      const x = normalTensor([6, 3]);
      expect(gradientCheckLayer(layer, x).maxError).toBeLessThan(2e-3);
      expect(gradientCheckLayer(layer, x, { labels: [0, 1, 2, 3, 0, 1] }).maxError).toBeLessThan(2e-3);
      expect(gradientCheckLayer(layer, x, { seed: 5, h: 1e-2 }).maxError).toBeLessThan(1e-2);
    }
    for (const layer of [new Sigmoid(), new ReLU()]) {
      expect(gradientCheckLayer(layer, normalTensor([4, 5])).maxError).toBeLessThan(2e-3);
    }
  });

  test('of weights in several parameters the sum of their gradients counts, and a part of it is found wrong', () => {
    const W = normalTensor([3, 3]);
    const affine = () => new Affine(W, normalTensor([3]));
    const [first, third] = [affine(), affine()];
    const net = new Sequential([first, new Sigmoid(), affine(), new Sigmoid(), third]);
    const x = normalTensor([4, 3]);
    expect(gradientCheckLayer(net, x).maxError).toBeLessThan(2e-3);
    for (const layer of [first, third]) {
      const { backward } = layer;
      layer.backward = function (...given) {
        const dx = backward.apply(this, given);
        this.dW!.data[4] += 1;
        return dx;
      };
      const { maxError, worst } = gradientCheckLayer(net, x);
      expect(maxError).toBeGreaterThan(1e-2);
      expect(worst).toMatchObject({ parameter: '0.W', index: [1, 1] });
      layer.backward = backward;
    }
  });

  /** An Affine whose gradients are spoilt on the way out. */
  class Wrong extends Affine {
    spoil!: 'x' | 'W' | 'b';
    override backward(dout: TensorLike, options?: BackwardOptions): Tensor {
      const dx = super.backward(dout, options);
      const target = this.spoil === 'x' ? dx : this.spoil === 'W' ? this.dW! : this.db!;
      target.data[1] *= 1.1;
      return dx;
    }
  }

  test.each(['x', 'W', 'b'] as const)('a wrong gradient of %s is found by name and place', (which) => {
    const layer = new Wrong(normalTensor([3, 4]), normalTensor([4]));
    layer.spoil = which;
    const { maxError, worst } = gradientCheckLayer(layer, normalTensor([2, 3]));
    expect(maxError).toBeGreaterThan(5e-3);
    expect(worst.parameter).toBe(which);
    expect(worst.index).toEqual(which === 'b' ? [1] : [0, 1]);
    expect(worst.analytic / worst.numeric).toBeCloseTo(1.1, 2);
  });

  test('leaves the parameters as they were, and nothing behind', () => {
    const layer = Affine.init(2, 2, { rng });
    const x = normalTensor([2, 2]);
    gradientCheckLayer(layer, x);
    const values = layer.W.toTypedArray();
    const before = live();
    gradientCheckLayer(layer, x);
    gradientCheckLayer(layer, x, { labels: [0, 1] });
    expect(layer.W.toTypedArray()).toEqual(values);
    expect(live()).toBe(before);
  });

  test('checks its arguments before it runs anything', () => {
    const layer = Affine.init(2, 2, { rng });
    const y = layer.forward([[1, 2]]);
    expectError(
      () => gradientCheckLayer(undefined as never, [[1, 2]]),
      TypeError,
      'gradientCheckLayer: expected layer to have forward, backward, predict, parameters, share, dispose (it lacks forward), got undefined',
    );
    expectError(
      () => gradientCheckLayer(layer, [[1, 2]], { h: -1 }),
      RangeError,
      'gradientCheckLayer: expected h to be finite and > 0, got -1',
    );
    expectError(
      () => gradientCheckLayer(layer, [[1, 2]], { label: [0] } as never),
      TypeError,
      'gradientCheckLayer: unknown option "label"',
    );
    expectError(() => gradientCheckLayer(layer, [[1, 2]], { seed: -1 }), RangeError, 'Random: expected seed');
    expectError(
      () => gradientCheckLayer(layer, 'x' as never),
      TypeError,
      'gradientCheckLayer: expected x to be a Tensor',
    );
    expect(y.toTypedArray()).toHaveLength(2);
    const before = live();
    expectError(
      () => gradientCheckLayer(layer, [[1, 2, 3]]),
      ShapeError,
      'Affine.forward: expected x of shape [N, 2], got [1, 3]',
    );
    expect(live()).toBe(before);
    const typed: Layer = layer;
    expect(typed.parameters()).toHaveLength(2);
  });
});

test('an element that is NaN is the worst, wherever it stands', () => {
  for (const wrong of [Number.NaN, Infinity]) {
    const { worst, maxError } = gradientCheck(square, tensor([1, 2, 3]), [2, 4, wrong]);
    expect(worst.index).toEqual([2]);
    expect(worst.analytic).toBe(wrong);
    expect(maxError).toBeNaN();
    expect(gradientCheck(square, tensor([1, 2, 3]), [2, wrong, wrong]).worst.index).toEqual([1]);
  }
});

test('no gradient at all is exactly right, and zeros in place of one are wrong by all of it', () => {
  const x = tensor([1, 2]);
  expect(gradientCheck(() => 1, x, [0, 0]).maxError).toBe(0);
  expect(gradientCheck((t) => t.data[0]!, x, [0, 0]).maxError).toBe(1);
});

test('where float32 has no finer steps, the first difference counts', () => {
  const x = tensor([1000]);
  expect(gradientCheck((t) => t.data[0]!, x, [2], { h: 1e-4 }).maxError).toBeCloseTo(0.5, 3);
});

test('a parameter that has no gradient is left out', () => {
  class Spare extends ReLU {
    override parameters(): Parameter[] {
      return [new Parameter('spare', tensor([1]))];
    }
  }
  expect(gradientCheckLayer(new Spare(), [1, 2]).worst.parameter).toBe('x');
});
