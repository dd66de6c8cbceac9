import { afterEach, expect, test, vi } from 'vitest';
import { engine } from '../../src/engine/engine';
import {
  AddLayer,
  Affine,
  MulLayer,
  OutOfMemoryError,
  ones,
  Sequential,
  SoftmaxWithLoss,
  tensor,
} from '../../src/index';
import { expectError, normalTensor, random } from '../support/facade';
import { memoryEnds } from '../support/out_of_memory';

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

test('a forward of an Affine that fails in the kernel leaves that of its network', () => {
  const layer = Affine.init(20, 30, { rng: random() });
  const net = new Sequential([layer]);
  const [x, dout] = [normalTensor([10, 20]), ones([10, 30])];
  net.forward(x);
  vi.spyOn(engine, 'kernels').mockImplementationOnce(() => {
    throw new RangeError('as at the end of the stack');
  });
  expect(() => layer.forward(x)).toThrow('as at the end of the stack');
  net.backward(dout);
  expect(layer.db?.toArray()).toEqual(Array(30).fill(10));
  net.dispose();
});

test.each([
  [
    'MulLayer',
    () => new MulLayer(),
    [
      [3, 8],
      [1, 8],
    ],
  ],
  [
    'AddLayer',
    () => new AddLayer(),
    [
      [1, 2],
      [1, 2],
    ],
  ],
] as const)('a forward of %s for which memory ends leaves the one before', (_name, make, gradients) => {
  for (let fail = 1; fail <= 3; fail++) {
    const layer = make();
    layer.forward([1, 4], [3, 4]);
    const spy = memoryEnds('reserve', fail);
    expectError(() => layer.forward(Array(9).fill(5), Array(9).fill(6)), OutOfMemoryError, 'test');
    spy.mockRestore();
    expect(layer.backward([1, 2]).map((d) => d.toArray())).toEqual(gradients);
    layer.dispose();
  }
});

test('a forward of SoftmaxWithLoss that fails in the kernel leaves those of its size before and after it', () => {
  const criterion = new SoftmaxWithLoss();
  const [x, t] = [ones([100, 10]), new Int32Array(100)];
  const loss = criterion.forward(x, t);
  const { wasm } = engine;
  engine.wasm = {
    ...wasm,
    softmax_cross_entropy_forward() {
      throw new RangeError('as at the end of the stack');
    },
  };
  try {
    expect(() => criterion.forward(ones([50, 10]), new Int32Array(50))).toThrow('as at the end of the stack');
  } finally {
    engine.wasm = wasm;
  }
  expect(criterion.forward(x, t)).toBe(loss);
  expect(criterion.forward(x, t)).toBe(loss);
});
