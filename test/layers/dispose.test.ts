import { expect, test } from 'vitest';
import {
  AddLayer,
  Affine,
  DisposedError,
  type Layer,
  MulLayer,
  ReLU,
  Sequential,
  Sigmoid,
  SoftmaxWithLoss,
  zeros,
} from '../../src/index';
import { expectError, live, normalTensor, random } from '../support/facade';

// What a layer refuses after dispose(), and that it takes no memory again.

const creators: [string, () => Layer][] = [
  ['Affine', () => Affine.init(3, 3, { rng: random() })],
  ['ReLU', () => new ReLU()],
  ['Sigmoid', () => new Sigmoid()],
  ['Sequential', () => new Sequential([Affine.init(3, 3, { rng: random() }), new ReLU()])],
];

const affine = (fanIn: number, fanOut: number) => Affine.init(fanIn, fanOut, { rng: random() });

test.each(creators)('%s: use after dispose is a DisposedError, and takes nothing', (name, create) => {
  const before = live();
  const layer = create();
  const x = [[1, 2, 3]];
  layer.dispose();
  expectError(() => layer.forward(x), DisposedError, name === 'Sequential' ? 'Affine.forward: ' : `${name}.forward: `);
  const other = create();
  other.forward(x);
  other.backward(x);
  other.forward(x);
  other.dispose();
  expectError(() => other.backward(x), DisposedError, `${name}.backward: `);
  expectError(() => other.forward(x), DisposedError, '');
  expectError(() => other.predict(x), DisposedError, '');
  other.dispose();
  expect(live()).toBe(before);
});

test('losses and layers of two inputs: use after dispose is a DisposedError', () => {
  const before = live();
  const criterion = new SoftmaxWithLoss();
  criterion.forward([[1, 2]], [0]);
  criterion.dispose();
  expectError(() => criterion.backward(), DisposedError, 'SoftmaxWithLoss.backward: y of SoftmaxWithLoss.forward: ');
  expectError(
    () => criterion.forward([[1, 2]], [0]),
    DisposedError,
    'SoftmaxWithLoss.forward: this layer was disposed',
  );
  expect([criterion.y, criterion.t]).toEqual([null, null]);
  for (const layer of [new AddLayer(), new MulLayer()]) {
    const name = layer.constructor.name;
    layer.forward([1, 2], [3, 4]);
    layer.dispose();
    expectError(() => layer.backward([1, 1]), DisposedError, `${name}.backward: `);
    expectError(() => layer.forward([1, 2], [3, 4]), DisposedError, `${name}.forward: this layer was disposed`);
    expectError(() => layer.forward(1, 2), DisposedError, `${name}.forward: this layer was disposed`);
  }
  expect(live()).toBe(before);
});

test('one of two layers over one W, after dispose', () => {
  const before = live();
  const [W, b] = [zeros([2, 2]), zeros([2])];
  const [first, second] = [new Affine(W, b), new Affine(W, b)];
  first.dispose();
  expectError(() => first.forward([[1, 2]]), DisposedError, 'Affine.forward: this layer was disposed');
  expectError(() => first.parameters()[0].accumulate(W), DisposedError, 'dW.backward: this layer was disposed');
  expect(second.forward([[1, 2]]).toArray()).toEqual([[0, 0]]);
  second.dispose();
  expect(live()).toBe(before);
});

test('a disposed layer whose twin lives: refused whatever it needs of its own, alone and in a network', () => {
  const before = live();
  const x = normalTensor([2, 2]);
  const layer = affine(2, 2);
  const twin = layer.share();
  const net = new Sequential([layer, new ReLU()]);
  net.forward(x);
  layer.dispose();
  expectError(() => net.backward(x), DisposedError, 'Affine.backward: this layer was disposed');
  for (const call of [() => layer.forward(x), () => net.forward(x)]) {
    expectError(call, DisposedError, 'Affine.forward: this layer was disposed');
  }
  expectError(() => layer.backward(x, { inputGrad: false }), DisposedError, 'Affine.backward: this layer was disposed');
  for (const call of [() => layer.predict(x), () => net.predict(x)]) {
    expectError(call, DisposedError, 'Affine.predict: this layer was disposed');
  }
  expectError(() => net.share(), DisposedError, 'Affine.share: this layer was disposed');
  expect(twin.dW).toBeNull();
  twin.forward(x);
  expect(twin.backward(x).shape).toEqual([2, 2]);
  for (const part of [net, twin, x]) part.dispose();
  expect(live()).toBe(before);
});

test('a disposed layer in the middle of a network: backward refuses before it has changed a gradient', () => {
  const [first, middle, last] = [affine(2, 3), affine(3, 3), affine(3, 2)];
  const twin = middle.share();
  const net = new Sequential([first, new ReLU(), middle, new ReLU(), last]);
  const x = normalTensor([2, 2]);
  net.forward(x);
  middle.dispose();
  expectError(() => net.backward(x), DisposedError, 'Affine.backward: this layer was disposed');
  expect([last.dW, last.db, twin.dW]).toEqual([null, null, null]);
});
