import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { ReLU, tensor } from '../../src/index';

test('console.log and inspect print the values', () => {
  expect(inspect(tensor([[1, 2]]))).toBe('Tensor([1, 2])\n[[1., 2.]]');
  expect(inspect({ t: tensor([1]) })).toContain('Tensor([1])');
  const relu = new ReLU();
  const y = relu.forward([1]);
  relu.forward([2]);
  expect(inspect(y)).toBe('Tensor([1]) (no longer readable)');
});
