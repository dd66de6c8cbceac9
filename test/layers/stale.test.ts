import { describe, expect, test } from 'vitest';
import {
  AddLayer,
  Affine,
  accuracy,
  add,
  argmax,
  concat,
  crossEntropy,
  DisposedError,
  gradientCheck,
  keep,
  type Layer,
  logSoftmax,
  MulLayer,
  matmul,
  max,
  mean,
  neg,
  numericalGradient,
  Parameter,
  ReLU,
  Sequential,
  Sigmoid,
  SoftmaxWithLoss,
  StaleTensorError,
  slice,
  softmax,
  sum,
  sumTo,
  type Tensor,
  take,
  tensor,
  toTensor,
  transpose,
  zeros,
} from '../../src/index';
import { expectError, live, normalTensor, random } from '../support/facade';

/** Every way to get a handle that a later call overwrites: what makes it, and what overwrites it. */
const HANDLES: Record<string, () => [handle: Tensor, overwrite: () => void, owner: string]> = {
  'output of ReLU': () => {
    const layer = new ReLU();
    return [layer.forward([[1, 2]]), () => layer.forward([[3, 4]]), 'ReLU.forward'];
  },
  'output of ReLU, whose buffer is regrown': () => {
    const layer = new ReLU();
    return [layer.forward([[1, 2]]), () => layer.forward(zeros([100, 100])), 'ReLU.forward'];
  },
  'output of ReLU, after a smaller one': () => {
    const layer = new ReLU();
    return [layer.forward([[1, 2]]), () => layer.forward([1]), 'ReLU.forward'];
  },
  'gradient of Sigmoid': () => {
    const layer = new Sigmoid();
    const pass = () => {
      layer.forward([[1, 2]]);
      return layer.backward([[1, 1]]);
    };
    return [pass(), pass, 'Sigmoid.backward'];
  },
  'output of Affine': () => {
    const layer = Affine.init(2, 2, { rng: random() });
    return [layer.forward([[1, 2]]), () => layer.forward([[3, 4]]), 'Affine.forward'];
  },
  'dx of Affine': () => {
    const layer = Affine.init(2, 2, { rng: random() });
    const pass = () => {
      layer.forward([[1, 2]]);
      return layer.backward([[1, 1]]);
    };
    return [pass(), pass, 'Affine.backward'];
  },
  'dW of Affine': () => {
    const layer = Affine.init(1, 2, { rng: random() });
    const pass = () => {
      layer.forward([[1]]);
      layer.backward([[1, 1]]);
    };
    pass();
    return [layer.dW!, pass, 'dW.backward'];
  },
  'output of AddLayer': () => {
    const layer = new AddLayer();
    return [layer.forward([[1, 2]], 1), () => layer.forward([[3, 4]], 1), 'AddLayer.forward'];
  },
  'gradient of MulLayer': () => {
    const layer = new MulLayer();
    const pass = () => {
      layer.forward([[1, 2]], [[3, 4]]);
      return layer.backward([[1, 1]]);
    };
    return [pass()[1], pass, 'MulLayer.backward'];
  },
  'y of SoftmaxWithLoss': () => {
    const layer = new SoftmaxWithLoss();
    layer.forward([[1, 2]], [0]);
    return [layer.y!, () => layer.forward([[1, 2]], [1]), 'SoftmaxWithLoss.forward'];
  },
  't of SoftmaxWithLoss': () => {
    const layer = new SoftmaxWithLoss();
    layer.forward([[1, 2]], [[1, 0]]);
    return [layer.t as Tensor, () => layer.forward([[1, 2]], [[0, 1]]), 'SoftmaxWithLoss.forward'];
  },
  'gradient of SoftmaxWithLoss': () => {
    const layer = new SoftmaxWithLoss();
    layer.forward([[1, 2]], [0]);
    return [layer.backward(), () => layer.backward(), 'SoftmaxWithLoss.backward'];
  },
  'output of a fused Sequential': () => {
    const net = new Sequential([Affine.init(2, 2, { rng: random() }), new ReLU()]);
    return [net.forward([[1, 2]]), () => net.forward([[3, 4]]), 'ReLU.forward'];
  },
};

/** Every kind of call that reads a tensor, with the name that its error begins with. */
const READERS: Record<string, (t: Tensor) => unknown> = {
  'Tensor.data': (t) => t.data,
  'Tensor.toArray': (t) => t.toArray(),
  'Tensor.toTypedArray': (t) => t.toTypedArray(),
  'Tensor.copyTo': (t) => t.copyTo(new Float32Array(2)),
  'Tensor.item': (t) => t.item(),
  'Tensor.clone': (t) => t.clone(),
  'Tensor.reshape': (t) => t.reshape([2]),
  'Tensor.set': (t) => t.set([1]),
  'tensor: data': (t) => tensor(t),
  'add: a': (t) => add(t, 1),
  'add: a, with out': (t) => add(t, t, { out: t }),
  'neg: x': (t) => neg(t),
  'neg, with out': (t) => neg([[1, 2]], { out: t }),
  'softmax: x': (t) => softmax(t),
  'sum: x': (t) => sum(t),
  'max: x': (t) => max(t, { axis: 1 }),
  'mean: x': (t) => mean(t),
  'argmax: x': (t) => argmax(t),
  'sumTo: x': (t) => sumTo(t, [1, 1]),
  'matmul: a': (t) => matmul(t, [[1], [2]]),
  'matmul, with out': (t) => matmul([[1]], [[1, 2]], { out: t }),
  'take: x': (t) => take(t, [0]),
  'transpose: x': (t) => transpose(t),
  'concat: tensors[1]': (t) => concat([[[1, 2]], t]),
  'slice: x': (t) => slice(t, 0),
  'crossEntropy: logits': (t) => crossEntropy(t, [0]),
  'crossEntropy: t': (t) => crossEntropy([[1, 2]], t),
  'accuracy: y': (t) => accuracy(t, [0]),
  'Affine.forward: x': (t) => Affine.init(2, 1, { rng: random() }).forward(t),
  'Affine.predict: x': (t) => Affine.init(2, 1, { rng: random() }).predict(t),
  'Affine: W': (t) => new Affine(t, [1, 2]),
  'ReLU.forward: x': (t) => new ReLU().forward(t),
  'AddLayer.forward: y': (t) => new AddLayer().forward(1, t),
  'SoftmaxWithLoss.forward: x': (t) => new SoftmaxWithLoss().forward(t, [0]),
  Parameter: (t) => new Parameter('p', t),
  numericalGradient: (t) => numericalGradient(() => 1, t),
  gradientCheck: (t) => gradientCheck(() => 1, t, [[0, 0]]),
};

describe.each(Object.entries(HANDLES))('%s', (_name, make) => {
  test('is stale after the next call, for every reader, and its reshape too', () => {
    const [handle, overwrite, owner] = make();
    const flat = handle.reshape([handle.size]).reshape(handle.shape);
    expect(handle.toTypedArray()).toHaveLength(handle.size);
    overwrite();
    for (const stale of [handle, flat]) {
      for (const [name, read] of Object.entries(READERS)) {
        expectError(
          () => read(stale),
          StaleTensorError,
          `${name.split(',')[0]}: this output of ${owner} was overwritten by a later ${owner.split('.')[1]}(); `,
        );
      }
      expect(stale.disposed).toBe(false);
      expect(String(stale)).toContain('no longer readable');
      stale.dispose();
      expectError(() => stale.data, DisposedError, 'Tensor.data: this tensor was disposed');
    }
  });

  test('is untouched by calls that throw', () => {
    const [handle] = make();
    const before = handle.toTypedArray();
    for (const read of Object.values(READERS)) {
      try {
        read(zeros([0]));
      } catch {
        // errors of all kinds
      }
    }
    expect(handle.toTypedArray()).toEqual(before);
  });
});

test('a clone survives; keep and toTensor do not read', () => {
  const relu = new ReLU();
  const y = relu.forward([1]);
  const copy = y.clone();
  relu.forward([2]);
  expect(copy.toArray()).toEqual([1]);
  expect(keep(y)).toBe(y);
  expect(toTensor(y)).toBe(y);
});

test('a handle that stood on freed memory never reads what came after', () => {
  const relu = new ReLU();
  const y = relu.forward(new Array(100).fill(1));
  relu.forward(zeros([1000])); // the old memory is free now
  const intruder = tensor(new Array(100).fill(7));
  expectError(() => y.data, StaleTensorError, 'Tensor.data: ');
  expect(intruder.toTypedArray().every((v) => v === 7)).toBe(true);
});

test('a regrown buffer whose old handle is the input of the same call', () => {
  const mul = new MulLayer();
  const y = mul.forward([1, 2], 3);
  // The output no longer fits: it is computed from the old memory, which is freed after.
  const z = mul.forward(y, [
    [1, 1],
    [10, 10],
    [100, 100],
  ]);
  expect(z.toArray()).toEqual([
    [3, 6],
    [30, 60],
    [300, 600],
  ]);
  expectError(() => y.data, StaleTensorError, 'Tensor.data: this output of MulLayer.forward');
  expectError(
    () => mul.backward(z),
    StaleTensorError,
    'MulLayer.backward: x of MulLayer.forward: this output of MulLayer.forward was overwritten',
  );
});

test('an older handle and a pending backward survive any forward that throws', () => {
  const layers: Record<string, Layer> = {
    relu: new ReLU(),
    sigmoid: new Sigmoid(),
    affine: new Affine(normalTensor([2, 2]), normalTensor([2])),
    net: new Sequential([
      new Affine(normalTensor([2, 3]), normalTensor([3])),
      new ReLU(),
      new Affine(normalTensor([3, 2]), normalTensor([2])),
    ]),
  };
  const gone = zeros([1, 2]);
  gone.dispose();
  for (const [name, layer] of Object.entries(layers)) {
    const y = layer.forward([[1, 2]]);
    const values = y.toArray();
    const before = live();
    for (const bad of ['x', undefined, [[1], [2, 3]], gone, [['1', 2]], 1n, Symbol('x'), {}]) {
      expect(() => layer.forward(bad as never), name).toThrow(Error);
    }
    expect(live()).toBe(before);
    expect(y.toArray()).toEqual(values);
    expect(layer.backward([[1, 1]], { inputGrad: true }).shape).toEqual([1, 2]);
  }
});

/** Every kind of call that writes to a tensor of [1, 2]. */
const WRITERS: Record<string, (out: Tensor) => unknown> = {
  'Tensor.set': (out) => out.set([3]),
  'add of a tensor': (out) => add(out, 1, { out }),
  'add of arrays': (out) => add([[1, 2]], 1, { out }),
  'neg of a tensor': (out) => neg(out, { out }),
  'neg of an array': (out) => neg([[1, 2]], { out }),
  'softmax of a tensor': (out) => softmax(out, { out }),
  'logSoftmax of an array': (out) => logSoftmax([[1, 2]], { out }),
  'matmul of tensors': (out) => matmul(tensor([[1]]), tensor([[1, 2]]), { out }),
  'matmul of arrays': (out) => matmul([[1]], [[1, 2]], { out }),
  take: (out) => take([[1, 2]], [0], { out }),
  'ReLU.predict': (out) => new ReLU().predict([[1, 2]], { out }),
  'Affine.predict': (out) => Affine.init(1, 2, { rng: random() }).predict([[1]], { out }),
};

test.each(Object.entries(WRITERS))('%s into what a layer keeps for its backward is told', (_name, write) => {
  const affine = Affine.init(2, 1, { rng: random() });
  const x = tensor([[1, 2]]);
  affine.forward(x);
  write(x);
  expectError(
    () => affine.backward([[1]]),
    StaleTensorError,
    'Affine.backward: x of Affine.forward was overwritten since',
  );
});
