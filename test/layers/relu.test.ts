import { expect, test } from 'vitest';
import { BackwardError, ReLU, relu, tensor } from '../../src/index';
import * as reference from '../reference/layers';
import { describeActivation } from '../support/activation';
import { expectSameBits } from '../support/ulp';

describeActivation('ReLU', () => new ReLU(), reference.relu);

test('the book: x = [[1.0, -0.5], [-2.0, 3.0]]', () => {
  const layer = new ReLU();
  const dout = tensor([
    [1, 2],
    [3, 4],
  ]);
  expect(
    layer
      .forward([
        [1.0, -0.5],
        [-2.0, 3.0],
      ])
      .toArray(),
  ).toEqual([
    [1, 0],
    [0, 3],
  ]);
  expect(layer.backward(dout).toArray()).toEqual([
    [1, 0],
    [0, 4],
  ]);
  // The book's ReLU overwrites dout.
  expect(dout.toArray()).toEqual([
    [1, 2],
    [3, 4],
  ]);
});

test('special values: NaN passes in both directions, the gradient at 0 is 0', () => {
  const layer = new ReLU();
  const y = layer.forward([Number.NaN, 0, -0, Infinity, -Infinity, 1e-45, -1e-45]);
  expect((y.toArray() as number[]).map((v) => v + 0)).toEqual([
    Number.NaN,
    0,
    0,
    Infinity,
    0,
    1.401298464324817e-45,
    0,
  ]);
  expect((layer.backward([1, 2, 3, 4, 5, 6, 7]).toArray() as number[]).map((v) => v + 0)).toEqual([
    1, 0, 0, 4, 0, 6, 0,
  ]);
});

test('the layer and the function have the same bits', () => {
  const x = tensor([-1, 0, 2, Number.NaN]);
  expectSameBits(new ReLU().forward(x).toTypedArray(), relu(x).toTypedArray());
});

test('a getter in dout that calls backward has used up the forward', () => {
  const layer = new ReLU();
  layer.forward([1]);
  const dout = [0];
  Object.defineProperty(dout, 0, { get: () => layer.backward([1]).item() });
  expect(() => layer.backward(dout)).toThrow(BackwardError);
  expect(() => layer.backward([1])).toThrow(BackwardError);
});
