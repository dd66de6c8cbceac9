import { expect, test } from 'vitest';
import { MulLayer } from '../../src/index';
import * as reference from '../reference/layers';
import { describeBinary } from '../support/binary';

describeBinary('MulLayer', () => new MulLayer(), reference.mulLayer, true);

test('the gradients are dout times the other input', () => {
  const layer = new MulLayer();
  expect(layer.forward([1, 2], [10, 20]).toArray()).toEqual([10, 40]);
  expect(layer.backward([1, -1]).map((d) => d.toArray())).toEqual([
    [10, -20],
    [1, -2],
  ]);
});

test('numbers stay float64', () => {
  const layer = new MulLayer();
  expect(layer.forward(0.1, 3)).toBe(0.1 * 3);
  expect(layer.backward(0.7)).toEqual([0.7 * 3, 0.7 * 0.1]);
});

test('a getter in dout that calls forward decides what backward is given', () => {
  const layer = new MulLayer();
  layer.forward([1, 2], [3, 4]);
  const dout = [0, 1];
  Object.defineProperty(dout, 0, { get: () => layer.forward(7, 8) });
  expect(() => layer.backward(dout)).toThrow('MulLayer.backward: expected dout to be a number');
  expect(layer.backward(1)).toEqual([8, 7]);
});
