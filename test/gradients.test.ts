import { describe, expect, test } from 'vitest';
import {
  AddLayer,
  Affine,
  gradientCheckLayer,
  type Layer,
  MulLayer,
  ReLU,
  Sequential,
  Sigmoid,
  SoftmaxWithLoss,
  tensor,
} from '../src/index';
import * as reference from './reference/layers';
import { type NdArray, ndarray, sizeOf } from './reference/ndarray';
import { expectClose, normalTensor, random } from './support/facade';
import { expectGradient64 } from './support/gradient';
import { normal } from './support/seeds';

/**
 * Gradients in two sharp steps instead of one blunt one: the reference's backward against central differences, both in
 * float64; then the layer against the reference, within a few roundings.
 */

function draw(shape: number[], seed: number): NdArray {
  return ndarray(shape, normal(sizeOf(shape), { seed }));
}

/** The same values in float32, as the layer gets them. */
const t = (x: NdArray) => tensor(x.data, x.shape);

describe('the reference: backward equals central differences in float64', () => {
  test('affine', () => {
    const [x, W, b, dout] = [draw([4, 3], 1), draw([3, 5], 2), draw([5], 3), draw([4, 5], 4)];
    const { dx, dW, db } = reference.affine.backward(dout, x, W);
    expectGradient64(dx, (v) => reference.affine.forward(v, W, b), x, dout);
    expectGradient64(dW, (v) => reference.affine.forward(x, v, b), W, dout);
    expectGradient64(db, (v) => reference.affine.forward(x, W, v), b, dout);
  });

  test.each([
    ['relu', reference.relu],
    ['sigmoid', reference.sigmoid],
  ])('%s', (_name, layer) => {
    const [x, dout] = [draw([4, 5], 5), draw([4, 5], 6)];
    expect(Math.min(...x.data.map(Math.abs))).toBeGreaterThan(1e-3); // no kink within a step
    expectGradient64(layer.backward(dout, layer.forward(x)), layer.forward, x, dout);
  });

  test.each([
    ['mulLayer', reference.mulLayer],
    ['addLayer', reference.addLayer],
  ])('%s, with broadcasting', (_name, layer) => {
    const [x, y, dout] = [draw([3, 1, 4], 7), draw([2, 1], 8), draw([3, 2, 4], 9)];
    const [dx, dy] = layer.backward(dout, x, y);
    expectGradient64(dx, (v) => layer.forward(v, y), x, dout);
    expectGradient64(dy, (v) => layer.forward(x, v), y, dout);
  });

  test('softmaxWithLoss, of one-hot rows', () => {
    const x = draw([3, 4], 10);
    const rows = ndarray([3, 4], [1, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0]);
    const f = (v: NdArray) => ndarray([1], [reference.softmaxWithLoss.forward(v, rows).loss]);
    const { y } = reference.softmaxWithLoss.forward(x, rows);
    expectGradient64(reference.softmaxWithLoss.backward(y, rows, 2), f, x, ndarray([1], [2]));
  });
});

describe('the layers: backward is the reference within a few roundings', () => {
  test('Affine', () => {
    const [x, W, b, dout] = [draw([40, 30], 1), draw([30, 20], 2), draw([20], 3), draw([40, 20], 4)];
    const layer = new Affine(t(W), t(b));
    layer.forward(t(x));
    const dx = layer.backward(t(dout));
    const exact = reference.affine.backward(dout, x, W);
    // 16 · 2^-23 · Σ|a||b|, with the magnitudes from the same products of absolute values.
    const abs = (v: NdArray) => ndarray(v.shape, v.data.map(Math.abs));
    const bound = reference.affine.backward(abs(dout), abs(x), abs(W));
    const scaled = (v: NdArray) => v.data.map((m) => m * 16 * 2 ** -23);
    expectClose(dx.toTypedArray(), exact.dx.data, scaled(bound.dx));
    expectClose(layer.dW!.toTypedArray(), exact.dW.data, scaled(bound.dW));
    expectClose(layer.db!.toTypedArray(), exact.db.data, scaled(bound.db));
  });

  test.each([
    ['ReLU', () => new ReLU(), reference.relu],
    ['Sigmoid', () => new Sigmoid(), reference.sigmoid],
  ])('%s', (_name, create, exact) => {
    const [x, dout] = [draw([40, 5], 5), draw([40, 5], 6)];
    const layer = create();
    layer.forward(t(x));
    const dx = layer.backward(t(dout));
    // The derivative comes from an output that is off by 3 ULP at most.
    expectClose(
      dx.toTypedArray(),
      exact.backward(dout, exact.forward(x)).data,
      dout.data.map((d) => Math.abs(d) * 6e-7),
    );
  });

  test.each([
    ['MulLayer', () => new MulLayer(), reference.mulLayer],
    ['AddLayer', () => new AddLayer(), reference.addLayer],
  ] as const)('%s', (_name, create, exact) => {
    const [x, y, dout] = [draw([3, 1, 4], 7), draw([2, 1], 8), draw([3, 2, 4], 9)];
    const layer = create();
    layer.forward(t(x), t(y));
    const gradients = layer.backward(t(dout));
    exact.backward(dout, x, y).forEach((wanted, i) => {
      expectClose(gradients[i].toTypedArray(), wanted.data, 2e-6);
    });
  });

  test('SoftmaxWithLoss', () => {
    const x = draw([30, 10], 10);
    const rows = ndarray(
      [30, 10],
      Array.from({ length: 300 }, (_, i) => (i % 10 === (i * 7) % 3 ? 1 : 0)),
    );
    const criterion = new SoftmaxWithLoss();
    criterion.forward(t(x), t(rows));
    const { y } = reference.softmaxWithLoss.forward(x, rows);
    expectClose(criterion.backward().toTypedArray(), reference.softmaxWithLoss.backward(y, rows).data, 4e-7 / 30);
  });

  test('a whole network: each gradient against the same network in float64', () => {
    const [x, W1, b1, W2, b2] = [draw([10, 6], 1), draw([6, 8], 2), draw([8], 3), draw([8, 4], 4), draw([4], 5)];
    const rows = ndarray(
      [10, 4],
      Array.from({ length: 40 }, (_, i) => (i % 4 === Math.floor(i / 4) % 4 ? 1 : 0)),
    );
    const net = new Sequential({ A1: new Affine(t(W1), t(b1)), S: new Sigmoid(), A2: new Affine(t(W2), t(b2)) });
    const criterion = new SoftmaxWithLoss();
    const loss = criterion.forward(net.forward(t(x)), t(rows));
    const dx = net.backward(criterion.backward(), { inputGrad: true });

    const h = reference.sigmoid.forward(reference.affine.forward(x, W1, b1));
    const exact = reference.softmaxWithLoss.forward(reference.affine.forward(h, W2, b2), rows);
    const second = reference.affine.backward(reference.softmaxWithLoss.backward(exact.y, rows), h, W2);
    const first = reference.affine.backward(reference.sigmoid.backward(second.dx, h), x, W1);
    expect(Math.abs(loss - exact.loss)).toBeLessThan(1e-6);
    const close = (actual: ArrayLike<number>, wanted: NdArray) => {
      const largest = Math.max(...wanted.data.map(Math.abs));
      expectClose(actual, wanted.data, 3e-6 * largest);
    };
    close(net.layers.A2.dW!.toTypedArray(), second.dW);
    close(net.layers.A2.db!.toTypedArray(), second.db);
    close(net.layers.A1.dW!.toTypedArray(), first.dW);
    close(net.layers.A1.db!.toTypedArray(), first.db);
    close(dx.toTypedArray(), first.dx);
  });
});

describe('gradientCheckLayer agrees, at sizes that cross the blocks of the kernels', () => {
  const rng = random();
  test.each<[string, Layer, number[]]>([
    ['Affine', Affine.init(7, 9, { rng }), [5, 7]],
    ['Affine of one row', Affine.init(17, 3, { rng }), [1, 17]],
    ['Affine on images', Affine.init(12, 3, { rng }), [2, 3, 2, 2]],
    ['Affine on a vector', Affine.init(1, 3, { rng }), [6]],
    ['ReLU', new ReLU(), [3, 11]],
    ['Sigmoid', new Sigmoid(), [3, 11]],
    ['fused ReLU', new Sequential([Affine.init(6, 9, { rng }), new ReLU(), Affine.init(9, 2, { rng })]), [3, 6]],
    ['fused Sigmoid', new Sequential([Affine.init(6, 9, { rng }), new Sigmoid(), Affine.init(9, 2, { rng })]), [3, 6]],
  ])('%s', (_name, layer, shape) => {
    expect(gradientCheckLayer(layer, normalTensor(shape, 3), { seed: 1 }).maxError).toBeLessThan(2e-3);
  });
});
