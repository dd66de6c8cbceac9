import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  add,
  BackwardError,
  DisposedError,
  type Layer,
  ShapeError,
  StaleTensorError,
  type Tensor,
  type TensorLike,
  tensor,
  tidy,
  zeros,
} from '../../src/index';
import type { NdArray } from '../reference/ndarray';
import { expectClose, expectError, live, normalTensor } from './facade';
import { pair, shapes } from './shapes';
import { expectSameBits } from './ulp';

interface Reference {
  forward(x: NdArray): NdArray;
  backward(dout: NdArray, y: NdArray): NdArray;
}

/** What every elementwise layer of one input must do, whatever its function. */
export function describeActivation(name: string, create: () => Layer, reference: Reference): void {
  describe(`${name}: the layer`, () => {
    test('forward and backward are the reference, for any shape; dout is not modified', () => {
      fc.assert(
        fc.property(shapes({ max: 9 }), fc.nat(), (shape, seed) =>
          tidy(() => {
            const x = pair(shape, seed);
            const dout = pair(shape, seed + 1);
            using layer = create();
            const y = reference.forward(x.nd);
            expectClose(
              layer.forward(x.t).toTypedArray(),
              y.data,
              y.data.map((v) => Math.abs(v) * 4e-7),
            );
            const dx = layer.backward(dout.t);
            const exact = reference.backward(dout.nd, y);
            expect(dx.shape).toEqual(shape);
            expectClose(
              dx.toTypedArray(),
              exact.data,
              dout.nd.data.map((v) => Math.abs(v) * 4e-7),
            );
            expectSameBits(dout.t.toTypedArray(), dout.nd.data);
            expectSameBits(x.t.toTypedArray(), x.nd.data);
          }),
        ),
        { numRuns: 60 },
      );
    });

    test('numbers and arrays are taken, in both directions', () => {
      using layer = create();
      expect(layer.forward(1).shape).toEqual([]);
      expect(layer.backward(1).shape).toEqual([]);
      expect(layer.forward([[1, -1]]).shape).toEqual([1, 2]);
      expect(layer.backward([Float32Array.of(1, 1)]).shape).toEqual([1, 2]);
    });

    test('works in place on its own output, and on its own gradient', () => {
      using layer = create();
      const x = normalTensor([3, 4]);
      const wanted = layer.predict(layer.predict(x)).toTypedArray();
      const once = layer.forward(x);
      const twice = layer.forward(once);
      expectSameBits(twice.toTypedArray(), wanted);
      expectError(() => once.data, StaleTensorError, `Tensor.data: this output of ${name}.forward was overwritten`);
      const dout = normalTensor([3, 4], 2);
      const backward = (d: Tensor) => {
        layer.forward(x);
        return layer.backward(d);
      };
      const copied = backward(backward(dout).clone()).toTypedArray();
      expectSameBits(backward(backward(dout)).toTypedArray(), copied);
    });

    test('the output reshaped and given back is computed in place too', () => {
      using layer = create();
      const x = normalTensor([2, 3]);
      const wanted = layer.predict(layer.predict(x)).toTypedArray();
      const z = layer.forward(layer.forward(x).reshape([6]));
      expect(z.shape).toEqual([6]);
      expectSameBits(z.toTypedArray(), wanted);
      expect(layer.backward(zeros([6])).shape).toEqual([6]);
    });

    test("predict has the bits of forward, is the caller's, and a pending backward does not see it", () => {
      using layer = create();
      const x = normalTensor([5, 5]);
      const dout = normalTensor([5, 5], 2);
      layer.forward(x);
      const dx = layer.backward(dout).toTypedArray();
      const y = layer.forward(x);
      const other = layer.predict(normalTensor([50, 5], 3));
      const same = layer.predict(x);
      expectSameBits(same.toTypedArray(), y.toTypedArray());
      expectSameBits(layer.backward(dout).toTypedArray(), dx);
      const out = zeros([5, 5]);
      expect(layer.predict(x, { out })).toBe(out);
      expectSameBits(layer.predict(out, { out }).toTypedArray(), layer.predict(same).toTypedArray());
      expect(other.shape).toEqual([50, 5]);
    });

    test('alternating sizes allocate nothing after the first round', () => {
      using layer = create();
      const [small, large] = [normalTensor([10, 3]), normalTensor([100, 3])];
      const round = () => {
        for (const x of [small, large]) {
          layer.forward(x);
          layer.backward(x);
        }
      };
      round();
      const before = live();
      for (let i = 0; i < 100; i++) round();
      expect(live()).toBe(before);
    });

    test('one backward for each forward, after a forward, with a dout of the shape of y', () => {
      using layer = create();
      expectError(() => layer.backward([1]), BackwardError, `${name}.backward: call forward() first`);
      layer.forward([1, 2]);
      expectError(() => layer.backward([1]), ShapeError, `${name}.backward: expected dout of shape [2], got [1]`);
      expectError(
        () => layer.backward([[1, 2]]),
        ShapeError,
        `${name}.backward: expected dout of shape [2], got [1, 2]`,
      );
      expectError(() => layer.backward('1' as never), TypeError, `${name}.backward: expected dout to be a Tensor`);
      expectError(
        () => layer.backward([1, 2], { input: true } as never),
        TypeError,
        `${name}.backward: unknown option "input"`,
      );
      expectError(
        () => layer.backward([1, 2], { inputGrad: 'no' } as never),
        TypeError,
        `${name}.backward: expected inputGrad to be a boolean`,
      );
      expect(layer.backward([1, 2]).shape).toEqual([2]);
      expectError(
        () => layer.backward([1, 2]),
        BackwardError,
        `${name}.backward: this forward had its backward already; add the gradients of its output, or share() to use a layer twice in one pass`,
      );
    });

    test('{inputGrad: false} computes nothing, and counts as the backward', () => {
      using layer = create();
      layer.forward([1, 2]);
      const withheld = layer.backward([1, 2], { inputGrad: false });
      expectError(
        () => withheld.toArray(),
        BackwardError,
        'Tensor.toArray: the gradient of the input was not computed',
      );
      expectError(
        () => layer.backward([1, 2]),
        BackwardError,
        `${name}.backward: this forward had its backward already`,
      );
    });

    test('an output that was overwritten or disposed is told at backward', () => {
      using layer = create();
      const y = layer.forward([1, 2]);
      add(y, 1, { out: y });
      expectError(
        () => layer.backward([1, 1]),
        StaleTensorError,
        `${name}.backward: the output of ${name}.forward was overwritten since`,
      );
      layer.forward([1, 2]).dispose();
      expectError(
        () => layer.backward([1, 1]),
        DisposedError,
        `${name}.backward: the output of ${name}.forward: this tensor was disposed`,
      );
      layer.forward([1, 2]);
      expect(layer.backward([1, 1]).shape).toEqual([2]);
    });

    test('the input may be gone by then: only the output is kept', () => {
      using layer = create();
      const x = tensor([1, 2]);
      layer.forward(x);
      x.dispose();
      expect(layer.backward([1, 1]).shape).toEqual([2]);
    });

    test('a forward that throws changes nothing', () => {
      using layer = create();
      const y = layer.forward([1, -2]);
      const values = y.toArray();
      const gone = zeros([2]);
      gone.dispose();
      for (const bad of [gone, 'x', [1, [2]], undefined, [null]]) {
        expect(() => layer.forward(bad as TensorLike)).toThrow(`${name}.forward: `);
      }
      expect(y.toArray()).toEqual(values);
      expect(layer.backward([1, 1]).shape).toEqual([2]);
    });

    test('share is a twin; dispose gives everything back, and disposes the outputs', () => {
      const before = live();
      const layer = create();
      const twin = layer.share();
      const y = layer.forward([1, 2]);
      const z = twin.forward([3, 4]);
      expect(y.toArray()).not.toEqual(z.toArray());
      layer.backward([1, 1]);
      expect(twin.backward([1, 1]).shape).toEqual([2]);
      expect(layer.parameters()).toEqual([]);
      layer.dispose();
      layer[Symbol.dispose]();
      expectError(() => y.data, DisposedError, 'Tensor.data: this tensor was disposed');
      expect(z.toArray()).toHaveLength(2);
      twin.dispose();
      expect(live()).toBe(before);
    });
  });
}
