import { afterEach, describe, expect, test } from 'vitest';
import { engine } from '../src/engine/engine';
import {
  AddLayer,
  Affine,
  add,
  BackwardError,
  concat,
  exp,
  type Layer,
  LayerBuffer,
  MulLayer,
  matmul,
  mul,
  Parameter,
  ReLU,
  Sequential,
  SoftmaxWithLoss,
  StaleTensorError,
  slice,
  softmax,
  sum,
  type Tensor,
  type TensorLike,
  take,
  tensor,
  toTensor,
  transpose,
  zeros,
} from '../src/index';
import type { Kernels } from '../src/wasm/generated/kernels';
import { expectError, live, random } from './support/facade';

const FAILED = 'a thread failed';

/** The n-th call of a kernel throws, its work done, as where a thread fails in it. */
function fail(kernel: keyof Kernels, n = 1): void {
  const { raw } = engine;
  let left = n;
  const failing = (...args: number[]): void => {
    (raw[kernel] as (...args: number[]) => void)(...args);
    if (--left === 0) throw new Error(FAILED);
  };
  engine.raw = engine.wasm = { ...raw, [kernel]: failing };
  restore = () => {
    engine.raw = engine.wasm = raw;
  };
}

let restore = (): void => undefined;
afterEach(() => restore());

describe('what a failed call was writing counts as overwritten', () => {
  const calls: [name: string, kernel: keyof Kernels, call: (out: Tensor, z: Tensor) => unknown][] = [
    ['exp', 'exp_forward', (out, z) => exp(z, { out })],
    ['exp of an array', 'exp_forward', (out) => exp([[1, 2]], { out })],
    ['softmax', 'softmax_forward', (out, z) => softmax(z, { out })],
    ['add of tensors', 'add_forward', (out, z) => add(z, z, { out })],
    ['add of a number', 'add_forward', (out, z) => add(z, 1, { out })],
    ['add to a number', 'add_forward', (out, z) => add(1, z, { out })],
    ['add of a row', 'add_forward', (out, z) => add(z, slice(z.reshape([2]), 0), { out })],
    ['add of a column', 'add_forward', (out, z) => add(z, tensor([[3]]), { out })],
    ['mul of arrays', 'mul_forward', (out) => mul([[1, 2]], [[3, 4]], { out })],
    ['matmul', 'gemm_tiny', (out, z) => matmul(z, zeros([2, 2]), { out })],
    ['take', 'gather', (out, z) => take(z, [0], { out })],
  ];
  test.each(calls)('%s', (_name, kernel, call) => {
    const layer = Affine.init(2, 2, { rng: random() });
    const x = tensor([[1, 2]]);
    const z = tensor([[5, 6]]);
    layer.forward(x);
    fail(kernel);
    expect(() => call(x, z)).toThrow(FAILED);
    restore();
    expectError(
      () => layer.backward([[1, 1]]),
      StaleTensorError,
      'Affine.backward: x of Affine.forward was overwritten',
    );
    layer.forward(x);
    layer.backward([[1, 1]]);
  });

  test('the copy of an array that the forward before kept', () => {
    const layer = Affine.init(2, 2, { rng: random() });
    layer.forward([[1, 2]]);
    fail('gemm_tiny');
    expect(() => layer.forward([[3, 4]])).toThrow(FAILED);
    restore();
    expectError(() => layer.backward([[1, 1]]), StaleTensorError, 'Affine.backward: x of Affine.forward: ');
  });

  test('but not by a call that is refused', () => {
    const layer = new ReLU();
    const x = tensor(1);
    layer.forward(x);
    expect(() => softmax(tensor(2), { out: x })).toThrow('softmax: expected x with at least one axis, got []');
    expect(layer.backward(3).item()).toBe(3);
  });
});

describe('a layer refuses what it had half overwritten when a call of the same size failed', () => {
  const x = [[1, 2]];
  const affine = () => Affine.init(2, 2, { rng: random() });
  const forward = (layer: Layer) => () => layer.forward(x);

  /** A whole step, which gives dx. */
  function backward(layer: Layer): () => Tensor {
    return () => {
      layer.forward(x);
      return layer.backward(x, { inputGrad: true });
    };
  }

  /** A step, which gives the gradient of a parameter. */
  function parameter(layer: Layer, index: number): () => Tensor {
    return () => {
      backward(layer)();
      return layer.parameters()[index]!.grad!;
    };
  }

  function gradient(input: 0 | 1): () => Tensor {
    const layer = new MulLayer();
    return () => {
      layer.forward(x, x);
      return layer.backward(x)[input];
    };
  }

  function loss(output: (criterion: SoftmaxWithLoss) => Tensor): () => Tensor {
    const criterion = new SoftmaxWithLoss();
    return () => {
      criterion.forward(x, [[0.5, 0.5]]);
      return output(criterion);
    };
  }

  function accumulate(): () => Tensor {
    const p = new Parameter('p', zeros([1, 2]));
    p.accumulate(x);
    return () => {
      p.accumulate(x);
      return p.grad!;
    };
  }

  function added(): () => Tensor {
    const layer = new AddLayer();
    return () => layer.forward(x, x);
  }

  // Affine computes y, dW (gemm_tiny), db, dx (gemv_n); MulLayer y, dx, dy.
  const outputs: [name: string, make: () => () => Tensor, kernel: keyof Kernels, n?: number][] = [
    ['y of Affine', () => forward(affine()), 'gemm_tiny'],
    ['y of Affine and ReLU as one', () => forward(new Sequential([affine(), new ReLU()])), 'gemm_tiny'],
    ['dW of Affine', () => parameter(affine(), 0), 'gemm_tiny', 2],
    ['db of Affine', () => parameter(affine(), 1), 'sum_reduce'],
    ['dx of Affine', () => backward(affine()), 'gemv_n'],
    ['y of ReLU', () => forward(new ReLU()), 'relu_forward'],
    ['dx of ReLU', () => backward(new ReLU()), 'relu_backward'],
    ['the output of AddLayer', added, 'add_forward'],
    ['dx of MulLayer', () => gradient(0), 'mul_forward', 2],
    ['dy of MulLayer', () => gradient(1), 'mul_forward', 3],
    ['y of SoftmaxWithLoss', () => loss(({ y }) => y!), 'softmax_cross_entropy_forward_dense'],
    ['t of SoftmaxWithLoss', () => loss(({ t }) => t as Tensor), 'softmax_cross_entropy_forward_dense'],
    ['dx of SoftmaxWithLoss', () => loss((layer) => layer.backward()), 'softmax_cross_entropy_backward_dense'],
    ['the sum of Parameter.accumulate', accumulate, 'add_forward'],
  ];
  test.each(outputs)('%s', (_name, make, kernel, n) => {
    const step = make();
    const old = step();
    fail(kernel, n);
    expect(step).toThrow(FAILED);
    restore();
    expectError(() => old.data, StaleTensorError, 'Tensor.data: this output of');
  });
});

describe('a failed call leaves no memory behind', () => {
  const calls: [name: string, kernel: keyof Kernels, call: (x: Tensor) => unknown, n?: number][] = [
    ['exp', 'exp_forward', (x) => exp(x)],
    ['add of tensors', 'add_forward', (x) => add(x, x)],
    ['add of a number', 'add_forward', (x) => add(x, 1)],
    ['add to a number', 'add_forward', (x) => add(1, x)],
    ['add of arrays', 'add_forward', () => add([1, 2], [3])],
    ['matmul of arrays', 'gemm_tiny', () => matmul([[1]], [[2]])],
    ['sum', 'sum_reduce', (x) => sum(x)],
    ['sum of an array', 'sum_reduce', (x) => sum(x.toArray())],
    ['sum over axes apart, the first of them', 'sum_reduce', (x) => sum(x, { axis: [0, 2] })],
    ['sum over axes apart, the last of them', 'sum_reduce', (x) => sum(x, { axis: [0, 2] }), 2],
    ['transpose', 'transpose2d', (x) => transpose(x.reshape([6, 4]))],
    ['transpose of three axes', 'permute', (x) => transpose(x.toArray())],
    ['slice', 'copy_strided', (x) => slice(x, 0, 1)],
    ['concat', 'copy_strided', (x) => concat([x, x.toArray()])],
  ];
  test.each(calls)('%s', (_name, kernel, call, n) => {
    const x = zeros([2, 3, 4]);
    const before = live();
    fail(kernel, n);
    expect(() => call(x)).toThrow(FAILED);
    expect(live()).toBe(before);
  });

  test('matmul of two matrices', () => {
    const x = zeros([2, 2]);
    const before = live();
    fail('gemm_tiny');
    expect(() => matmul(x, x)).toThrow(FAILED);
    expect(live()).toBe(before);
  });
});

/** y = x², made by a user, into a buffer of its own or a new tensor. */
class Square implements Layer {
  readonly #buffer = new LayerBuffer('Square.forward');
  #x: Tensor | undefined;
  fails = false;

  constructor(readonly fresh: boolean) {}

  forward(x: TensorLike): Tensor {
    if (this.fails) throw new Error(FAILED);
    this.#x = toTensor(x).clone();
    return mul(x, x, this.fresh ? {} : { out: this.#buffer.get(this.#x.shape) });
  }

  backward(dout: TensorLike): Tensor {
    return mul(mul(dout, this.#x!), 2);
  }

  predict(x: TensorLike): Tensor {
    return mul(x, x);
  }

  parameters(): Parameter[] {
    return [];
  }

  share(): Square {
    return new Square(this.fresh);
  }

  dispose(): void {}

  [Symbol.dispose](): void {}
}

describe.each([
  ['a buffer', false],
  ['new tensors', true],
])('layers of a user, into %s: where one of a network failed', (_name, fresh) => {
  test('behind the first, backward does not mix two inputs', () => {
    const [first, second] = [new Square(fresh), new Square(fresh)];
    const net = new Sequential([first, second, new ReLU()]);
    const backward = () => net.backward([1], { inputGrad: true }).toArray();
    net.forward([3]);
    expect(backward()).toEqual([4 * 27]);
    net.forward([3]);
    second.fails = true;
    expect(() => net.forward([5])).toThrow(FAILED);
    expectError(backward, BackwardError, 'Sequential.backward: layer 0 ran another forward since');
    second.fails = false;
    net.forward([5]);
    expect(backward()).toEqual([4 * 125]);
  });

  test('at its begin, nothing has changed', () => {
    const first = new Square(fresh);
    const net = new Sequential([first, new Square(fresh)]);
    net.forward([3]);
    first.fails = true;
    expect(() => net.forward([5])).toThrow(FAILED);
    expect(net.backward([1], { inputGrad: true }).toArray()).toEqual([4 * 27]);
  });
});
