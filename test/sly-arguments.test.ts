import { afterEach, describe, expect, test } from 'vitest';
import {
  Affine,
  accuracy,
  add,
  backendInfo,
  crossEntropy,
  DisposedError,
  ReLU,
  StaleTensorError,
  setDebug,
  tensor,
  zeros,
} from '../src/index';

/** Arguments that do something while they are read, or that the call itself turns invalid. */

/** `values`, which call `act` when the element `key` is read for the n-th time. */
function sly<T extends object>(values: T, key: string, n: number, act: () => void): T {
  let reads = 0;
  return new Proxy(values, {
    get(target, name) {
      if (name === key && ++reads === n) act();
      return Reflect.get(target, name);
    },
  });
}

describe('what is disposed while an argument is read is not written to', () => {
  test('a tensor that reshape is called on', () => {
    const t = tensor([1, 2, 3, 4]);
    const shape = sly([2, 2], 'length', 1, () => t.dispose());
    expect(() => t.reshape(shape)).toThrow(DisposedError);
  });

  test('the target of set, and out', () => {
    for (const call of [
      (t: ReturnType<typeof zeros>, x: number[]) => t.set(x),
      (t: ReturnType<typeof zeros>, x: number[]) => add(x, 1, { out: t }),
    ]) {
      const t = zeros([4]);
      let victim = zeros([0]);
      const x = sly([1, 2, 3, 4], '3', 2, () => {
        t.dispose();
        victim = zeros([4]); // in its place
      });
      expect(() => call(t, x)).toThrow(DisposedError);
      expect(victim.toArray()).toEqual([0, 0, 0, 0]);
    }
  });

  test('the output of a layer that is disposed, or runs again', () => {
    const layer = new ReLU();
    let inner = zeros([0]);
    const again = sly([1, 2, 3], '2', 2, () => {
      inner = layer.forward([7, 8, 9]);
    });
    expect(() => layer.forward(again)).toThrow(StaleTensorError);
    expect(inner.toArray()).toEqual([7, 8, 9]);
    expect(() => layer.forward(sly([1, 2, 3], '2', 2, () => layer.dispose()))).toThrow(DisposedError);
    expect(layer.forward([-1, 1]).toArray()).toEqual([0, 1]);
  });
});

test.each([2, 3, 4])('labels of a call inside another are its own: read %i', (n) => {
  const rows = [
    [10, 0],
    [0, 10],
  ];
  const nested = () => void crossEntropy(rows, [1, 0]);
  expect(crossEntropy(sly(rows, '0', n, nested), [0, 1])).toBeCloseTo(4.5e-5, 6);
  expect(accuracy(sly(rows, '0', n, nested), [0, 1])).toBe(1);
});

describe('views of our memory stay good for the call that they are given to', () => {
  afterEach(() => setDebug({ detachViews: false }));

  test('Affine, Affine.fromLinear, accuracy', () => {
    using a = tensor([1, 2]);
    using b = tensor([3, 4]);
    using hot = tensor([0, 1]);
    setDebug({ detachViews: true });
    const layer = new Affine([a.data, b.data], a.data);
    expect(layer.W.toArray()).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(layer.b.toArray()).toEqual([1, 2]);
    const linear = Affine.fromLinear([a.data, b.data], b.data);
    expect(linear.W.toArray()).toEqual([
      [1, 3],
      [2, 4],
    ]);
    expect(linear.b.toArray()).toEqual([3, 4]);
    expect(accuracy([a.data, b.data], [hot.data, hot.data])).toBe(1);
    for (const made of [layer, linear]) made.dispose();
  });

  test('and nothing of accuracy stays', () => {
    const { live } = backendInfo().memory;
    expect(accuracy([[1, 2]], [[1, 0]])).toBe(0);
    expect(backendInfo().memory.live).toBe(live);
  });
});
