import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  Affine,
  add,
  keep,
  mul,
  Parameter,
  ReLU,
  SGD,
  SoftmaxWithLoss,
  type Tensor,
  tensor,
  tidy,
  zeros,
} from '../../src/index';
import { enter } from '../../src/tensor/scope';
import { expectError, live, random } from '../support/facade';

describe('tidy', () => {
  test('disposes what functions made inside, and not what it returns', () => {
    const before = live();
    let inner!: Tensor;
    const result = tidy(() => {
      inner = mul([1, 2], 2);
      return add(inner, 1);
    });
    expect(result.toArray()).toEqual([3, 5]);
    expect(inner.disposed).toBe(true);
    expect(live()).toBe(before + 8);
    result.dispose();
    expect(live()).toBe(before);
  });

  test('returns what the function returns, with its type', () => {
    expectTypeOf(tidy(() => 5)).toEqualTypeOf<number>();
    expectTypeOf(tidy(() => ({ t: zeros([1]) }))).toEqualTypeOf<{ t: Tensor }>();
    expect(tidy(() => 'text')).toBe('text');
    expect(tidy(() => undefined)).toBeUndefined();
    expect(tidy(() => null)).toBeNull();
  });

  test('finds results inside arrays and plain objects, cycles too, but not in other objects', () => {
    const before = live();
    const cycle: Record<string, unknown> = {};
    const result = tidy(() => {
      cycle.self = cycle;
      cycle.list = [zeros([1]), { deep: [zeros([1])] }];
      cycle.bare = Object.assign(Object.create(null), { t: zeros([1]) });
      cycle.map = new Map([['t', zeros([1])]]);
      return cycle as { map: Map<string, Tensor> };
    });
    expect(live()).toBe(before + 12);
    expect(result.map.get('t')!.disposed).toBe(true);
  });

  test('what was made outside is not touched', () => {
    const t = tensor([1]);
    tidy(() => add(t, t));
    expect(t.toArray()).toEqual([1]);
    expect(tidy(() => t)).toBe(t);
    expect(t.disposed).toBe(false);
  });

  test('a reshape keeps the memory of the tensor it was made from', () => {
    const before = live();
    const result = tidy(() => zeros([4]).reshape([2, 2]));
    expect(result.toArray()).toEqual([
      [0, 0],
      [0, 0],
    ]);
    result.dispose();
    expect(live()).toBe(before);
  });

  test('nested: results go to the outer one', () => {
    const before = live();
    let escaped!: Tensor;
    tidy(() => {
      escaped = tidy(() => add(zeros([10]), 1));
      expect(live()).toBe(before + 40);
      expect(escaped.disposed).toBe(false);
    });
    expect(escaped.disposed).toBe(true);
    expect(live()).toBe(before);
  });

  test('when the function throws, everything made inside is disposed, and the outer tidy goes on', () => {
    const before = live();
    tidy(() => {
      const outer = zeros([1]);
      expect(() =>
        tidy(() => {
          zeros([100]);
          throw new Error('mine');
        }),
      ).toThrow('mine');
      expect(live()).toBe(before + 4);
      expect(outer.disposed).toBe(false);
    });
    expect(live()).toBe(before);
  });

  test('a getter in the result that throws: nothing leaks', () => {
    const before = live();
    const result = () => ({
      found: [zeros([5])],
      inner: {
        get bad(): never {
          throw new Error('mine');
        },
      },
    });
    expect(() => tidy(result)).toThrow('mine');
    expect(live()).toBe(before);
  });

  test('a Promise is a TypeError, and nothing leaks', () => {
    const before = live();
    expectError(
      () => tidy(async () => zeros([5])),
      TypeError,
      'tidy: expected a synchronous function, got one that returned a Promise',
    );
    expectError(
      () => tidy(() => Object.assign(Promise.resolve(), { t: zeros([5]) })),
      TypeError,
      'tidy: expected a synchronous function, got one that returned a Promise',
    );
    expectError(
      // biome-ignore lint/suspicious/noThenProperty: what is refused
      () => tidy(() => Object.assign(zeros([5]), { then: () => undefined })),
      TypeError,
      'tidy: expected a synchronous function, got one that returned a Promise',
    );
    expect(live()).toBe(before);
    expectError(() => tidy(zeros([1]) as never), TypeError, 'tidy: expected a function, got an object (Tensor)');
  });

  test('keep exempts one tensor, from every tidy that runs', () => {
    const before = live();
    const kept = tidy(() =>
      tidy(() => {
        const [t] = [keep(zeros([2])), zeros([3])];
        return { size: t.size, hidden: new Map([[0, t]]) };
      }),
    ).hidden.get(0)!;
    expect(kept.disposed).toBe(false);
    expect(live()).toBe(before + 8);
    kept.dispose();
    expectError(() => keep([1] as never), TypeError, 'keep: expected a Tensor, got an array');
  });

  test('owns neither outputs, gradients nor parameters of layers, nor the state of optimizers', () => {
    const before = live();
    const affine = new Affine([[1, 2]], [0, 0]);
    const relu = new ReLU();
    const criterion = new SoftmaxWithLoss();
    const optimizer = new SGD(affine.parameters(), { learningRate: 0.1 });
    let outputs!: Tensor[];
    tidy(() => {
      const y = affine.forward([[1]]);
      const z = relu.forward(y);
      criterion.forward(z, [0]);
      const dx = relu.backward(criterion.backward());
      affine.backward(dx);
      outputs = [y, z, criterion.y!, dx, affine.dW!, affine.db!];
      optimizer.step();
    });
    for (const t of outputs) expect(t.toTypedArray().length).toBeGreaterThan(0);
    for (const owner of [affine, relu, criterion, optimizer]) owner.dispose();
    expect(live()).toBe(before);
  });

  test('a tensor that a layer adopts passes to the layer', () => {
    const before = live();
    const layer = tidy(() => {
      const W = random().normal([2, 3]);
      const made = new Affine(W, zeros([3]));
      expect(made.W).toBe(W);
      return made;
    });
    const parameter = tidy(() => new Parameter('p', zeros([4])));
    const initialised = tidy(() => Affine.init(2, 2, { rng: random() }));
    expect(layer.forward([[1, 1]]).shape).toEqual([1, 3]);
    expect(parameter.value.toArray()).toEqual([0, 0, 0, 0]);
    expect(initialised.W.disposed).toBe(false);
    layer.dispose();
    initialised.dispose();
    parameter.value.dispose();
    expect(live()).toBe(before);
  });

  test('a reshape of an output belongs to tidy, the output does not', () => {
    const relu = new ReLU();
    let flat!: Tensor;
    const y = tidy(() => {
      const out = relu.forward([[1, 2]]);
      flat = out.reshape([2]);
      return { hidden: () => out };
    }).hidden();
    expect(flat.disposed).toBe(true);
    expect(y.toArray()).toEqual([[1, 2]]);
  });
});

test('keep and adoption count for the outer ones of nested calls too', () => {
  const [kept, adopted] = tidy(() => {
    const t = zeros([1]);
    const value = zeros([1]);
    tidy(() => {
      keep(t);
      new Parameter('p', value);
    });
    return [[() => t], [() => value]];
  });
  for (const [t] of [kept, adopted]) {
    expect(t!().disposed).toBe(false);
    t!().dispose();
  }
});

test('what a class holds is not looked for', () => {
  class Box {
    t = zeros([1]);
  }
  expect(tidy(() => new Box()).t.disposed).toBe(true);
});

test('one that was stopped from outside, as by node:vm or in a REPL, does not own what later turns make', async () => {
  const left = enter(); // and no more
  const made = zeros([1]);
  await Promise.resolve();
  const t = zeros([1]);
  expect([left.includes(made), left.includes(t)]).toEqual([true, false]);
  t.dispose();
  made.dispose();
});

test('one that was stopped inside others owns what the next one out makes, and no more', () => {
  let [made, t]: Tensor[] = [];
  tidy(() => {
    tidy(() => {
      enter(); // and no more
      made = zeros([1]);
    });
    t = zeros([1]);
  });
  expect([made!.disposed, t!.disposed]).toEqual([false, true]);
  made!.dispose();
});
