import { expect, test } from 'vitest';
import { Sigmoid, sigmoid, tensor } from '../../src/index';
import * as reference from '../reference/layers';
import { describeActivation } from '../support/activation';
import { expectClose, normalTensor } from '../support/facade';
import { expectSameBits } from '../support/ulp';

describeActivation('Sigmoid', () => new Sigmoid(), reference.sigmoid);

test('denormal tails are kept, infinities and NaN as they must', () => {
  const y = new Sigmoid().forward([-88, -89, -104, Infinity, -Infinity, Number.NaN, -0, 0]).toTypedArray();
  expectClose(y.subarray(0, 2), [6.054601895401186e-39, 2.227363561766217e-39], 5e-45);
  expectSameBits(y.subarray(2), [0, 1, 0, Number.NaN, 0.5, 0.5]);
});

test('the gradient at ±200 is 0, not NaN', () => {
  const layer = new Sigmoid();
  layer.forward([200, -200, 0]);
  expect(layer.backward([1, 1, 1]).toArray()).toEqual([0, 0, 0.25]);
});

test('the layer and the function have the same bits', () => {
  const x = normalTensor([100], 1, 10);
  expectSameBits(new Sigmoid().forward(x).toTypedArray(), sigmoid(x).toTypedArray());
  expect(sigmoid(tensor([0])).toArray()).toEqual([0.5]);
});
