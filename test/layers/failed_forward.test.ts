import { afterEach, expect, test, vi } from 'vitest';
import { engine } from '../../src/engine/engine';
import { AddLayer, MulLayer, tensor } from '../../src/index';

afterEach(() => {
  vi.restoreAllMocks();
});

test.each([
  ['MulLayer', new MulLayer(), [2, 1]],
  ['AddLayer', new AddLayer(), [1, 1]],
] as const)('a forward of %s that fails in the kernel leaves the one before', (_name, layer, gradients) => {
  const [x, y, wide] = [tensor([1]), tensor([2]), tensor([100, 200])];
  layer.forward(x, y);
  vi.spyOn(engine, 'kernels').mockImplementationOnce(() => {
    throw new RangeError('as at the end of the stack');
  });
  expect(() => layer.forward(wide, wide)).toThrow('as at the end of the stack');
  expect(layer.backward([1]).map((d) => d.toArray())).toEqual(gradients.map((d) => [d]));
});
