import { expect, expectTypeOf, test } from 'vitest';
import { AddLayer, type Tensor, tensor } from '../../src/index';
import * as reference from '../reference/layers';
import { describeBinary } from '../support/binary';

describeBinary('AddLayer', () => new AddLayer(), reference.addLayer, false);

test('both gradients are dout', () => {
  const layer = new AddLayer();
  expect(layer.forward([1, 2], [10, 20]).toArray()).toEqual([11, 22]);
  expect(layer.backward([3, 4]).map((d) => d.toArray())).toEqual([
    [3, 4],
    [3, 4],
  ]);
  layer.forward([1, 2], [10, 20]);
  for (const d of layer.backward([-0, Number.NaN])) expect(d.toArray()).toEqual([-0, Number.NaN]);
  layer.forward([[1, 2]], [10, 20]);
  for (const d of layer.backward([[-0, 4]])) expect(d.toTypedArray()).toEqual(Float32Array.of(-0, 4));
  expect(layer.forward(1, 2)).toBe(3);
  expect(layer.backward(5)).toEqual([5, 5]);
});

test('backward does not read the inputs: they may be gone', () => {
  const layer = new AddLayer();
  const x = tensor([1, 2]);
  layer.forward(x, [3, 4]);
  x.dispose();
  expect(layer.backward([5, 6]).map((d) => d.toArray())).toEqual([
    [5, 6],
    [5, 6],
  ]);
  expect(layer.forward(layer.forward([1, 2], [3, 4]), [5, 6]).toArray()).toEqual([9, 12]);
  layer.backward([1, 1]);
});

test('the types follow the arguments', () => {
  const layer = new AddLayer();
  expectTypeOf(layer.forward(1, 2)).toEqualTypeOf<number>();
  expectTypeOf(layer.forward([1], 2)).toEqualTypeOf<Tensor>();
  layer.forward(1, 2);
  expectTypeOf(layer.backward(1)).toEqualTypeOf<[dx: number, dy: number]>();
  layer.forward([1], 2);
  expectTypeOf(layer.backward([1])).toEqualTypeOf<[dx: Tensor, dy: Tensor]>();
});
