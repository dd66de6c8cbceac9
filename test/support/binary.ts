import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type AddLayer,
  AliasError,
  add,
  BackwardError,
  DisposedError,
  type MulLayer,
  ShapeError,
  StaleTensorError,
  tensor,
  tidy,
  zeros,
} from '../../src/index';
import { broadcastShape, type NdArray } from '../reference/ndarray';
import { expectClose, expectError, live, normalTensor } from './facade';
import { broadcastable, pair } from './shapes';
import { expectSameBits } from './ulp';

interface Reference {
  forward(x: NdArray, y: NdArray): NdArray;
  backward(dout: NdArray, x: NdArray, y: NdArray): [NdArray, NdArray];
}

/** What AddLayer and MulLayer have in common; `readsInputs`: backward needs the inputs of forward. */
export function describeBinary(
  name: string,
  create: () => AddLayer | MulLayer,
  reference: Reference,
  readsInputs: boolean,
): void {
  describe(`${name}: the layer`, () => {
    test('forward broadcasts and backward undoes it, for any two shapes that fit', () => {
      fc.assert(
        fc.property(broadcastable, fc.nat(), ([shapeX, shapeY], seed) =>
          tidy(() => {
            const x = pair(shapeX, seed);
            const y = pair(shapeY, seed + 1);
            const shape = broadcastShape(shapeX, shapeY);
            const dout = pair(shape, seed + 2);
            using layer = create();
            const out = layer.forward(x.t, y.t);
            expect(out.shape).toEqual(shape);
            expectSameBits(out.toTypedArray(), Float32Array.from(reference.forward(x.nd, y.nd).data));
            const gradients = layer.backward(dout.t);
            reference.backward(dout.nd, x.nd, y.nd).forEach((exact, i) => {
              expect(gradients[i].shape).toEqual(exact.shape);
              expectClose(gradients[i].toTypedArray(), exact.data, 1e-4);
            });
            expectSameBits(dout.t.toTypedArray(), dout.nd.data);
          }),
        ),
        { numRuns: 150 },
      );
    });

    test('numbers in, numbers out, in float64', () => {
      using layer = create();
      const y = layer.forward(0.1, 0.2);
      expect(y).toBe(
        reference.forward({ shape: [], data: Float64Array.of(0.1) }, { shape: [], data: Float64Array.of(0.2) }).data[0],
      );
      expect(layer.backward(3).every((d) => typeof d === 'number')).toBe(true);
    });

    test('a number beside a tensor counts as one', () => {
      using layer = create();
      const y = layer.forward(tensor([1, 2]), 3);
      expect(y.shape).toEqual([2]);
      const [dx, dy] = layer.backward([1, 1]);
      expect(dx.shape).toEqual([2]);
      expect(dy.shape).toEqual([]);
    });

    test('forward of numbers and of tensors, in turns', () => {
      using layer = create();
      layer.forward([1, 2], [3, 4]);
      layer.forward(5, 6);
      expectError(
        () => layer.backward([1, 1]),
        TypeError,
        `${name}.backward: expected dout to be a number, as forward was given numbers`,
      );
      expect(layer.backward(1)).toHaveLength(2);
      layer.forward([1, 2], [3, 4]);
      expectError(() => layer.backward(1), ShapeError, `${name}.backward: expected dout of shape [2], got []`);
      expect(layer.backward([1, 1])[0].shape).toEqual([2]);
    });

    test('the same tensor twice', () => {
      using layer = create();
      const x = normalTensor([4]);
      layer.forward(x, x);
      const [dx, dy] = layer.backward([1, 1, 1, 1]);
      expectSameBits(dx.toTypedArray(), dy.toTypedArray());
    });

    test('one backward for each forward, and after one', () => {
      using layer = create();
      expectError(() => layer.backward(1), BackwardError, `${name}.backward: call forward() first`);
      layer.forward(1, 2);
      layer.backward(1);
      expectError(() => layer.backward(1), BackwardError, `${name}.backward: this forward had its backward already`);
      layer.forward([1], [2]);
      layer.backward([1]);
      expectError(() => layer.backward([1]), BackwardError, `${name}.backward: this forward had its backward already`);
    });

    test('a dout of another shape is a ShapeError, of whatever size', () => {
      using layer = create();
      layer.forward(zeros([2, 3]), zeros([2, 3]));
      for (const shape of [[3, 2], [6], [4, 3], [1, 3], [2, 3, 1]]) {
        expectError(
          () => layer.backward(zeros(shape)),
          ShapeError,
          `${name}.backward: expected dout of shape [2, 3], got [${shape.join(', ')}]`,
        );
      }
      expect(layer.backward(zeros([2, 3]))[1].shape).toEqual([2, 3]);
    });

    test('shapes that do not broadcast, and what is no tensor: the forward before stays', () => {
      using layer = create();
      const y = layer.forward([1, 2], [3, 4]);
      const values = y.toArray();
      const gone = zeros([2]);
      gone.dispose();
      expectError(
        () => layer.forward([1, 2], [1, 2, 3]),
        ShapeError,
        `${name}.forward: shapes [2] and [3] do not broadcast`,
      );
      expectError(() => layer.forward([1, 2], 'y' as never), TypeError, `${name}.forward: expected y to be a Tensor`);
      expectError(() => layer.forward(undefined as never, 1), TypeError, `${name}.forward: expected x to be a Tensor`);
      expectError(() => layer.forward(gone, 1), DisposedError, `${name}.forward: x: this tensor was disposed`);
      expectError(() => layer.forward([1, 2], gone), DisposedError, `${name}.forward: y: this tensor was disposed`);
      expect(y.toArray()).toEqual(values);
      const [dx] = layer.backward([1, 1]);
      expect(dx.shape).toEqual([2]);
    });

    test.runIf(readsInputs)('inputs that were overwritten or went stale are told at backward', () => {
      using layer = create();
      const x = tensor([1, 2]);
      layer.forward(x, [3, 4]);
      add(x, 1, { out: x });
      expectError(
        () => layer.backward([1, 1]),
        StaleTensorError,
        `${name}.backward: x of ${name}.forward was overwritten since`,
      );
      layer.forward([3, 4], x);
      x.dispose();
      expectError(
        () => layer.backward([1, 1]),
        DisposedError,
        `${name}.backward: y of ${name}.forward: this tensor was disposed`,
      );
    });

    test('its own output as an input works in place; a backward that needs the input says that it is gone', () => {
      using layer = create();
      const y = layer.forward([1, 2], [3, 4]);
      const wanted = reference.forward(
        { shape: [2], data: Float64Array.from(y.data) },
        { shape: [2], data: Float64Array.of(5, 6) },
      );
      expect(layer.forward(y, [5, 6]).toArray()).toEqual(Array.from(wanted.data));
      if (!readsInputs) return;
      expectError(
        () => layer.backward([1, 1]),
        StaleTensorError,
        `${name}.backward: x of ${name}.forward: this output of ${name}.forward was overwritten`,
      );
    });

    test('its own output, broadcast, is an AliasError', () => {
      using layer = create();
      layer.forward(zeros([3, 3]), zeros([3, 3]));
      const column = layer.forward([[1], [2], [3]], [[1], [1], [1]]);
      const values = column.toArray();
      for (const call of [() => layer.forward(column, [[1, 2, 3]]), () => layer.forward([[1, 2, 3]], column)]) {
        expectError(call, AliasError, `${name}.forward: the output has the memory of an operand that is broadcast`);
      }
      expect(column.toArray()).toEqual(values);
    });

    test('its own gradients as dout or as an input are AliasErrors, not wrong numbers', () => {
      using layer = create();
      const pass = () => {
        layer.forward([1, 2], [3, 4]);
        return layer.backward([1, 1]);
      };
      const [dx, dy] = pass();
      layer.forward([1, 2], [3, 4]);
      for (const dout of [dx, dy]) {
        expectError(
          () => layer.backward(dout),
          AliasError,
          `${name}.backward: dout is a gradient that this layer computed before`,
        );
      }
      const clean = layer.backward([1, 1])[0];
      if (!readsInputs) return;
      layer.forward(clean, [1, 1]);
      expectError(() => layer.backward([1, 1]), AliasError, `${name}.backward: an input of forward is a gradient`);
    });

    test('gives everything back', () => {
      const before = live();
      const layer = create();
      layer.forward([[1], [2]], [1, 2]);
      const [dx] = layer.backward([
        [1, 1],
        [1, 1],
      ]);
      layer.dispose();
      layer[Symbol.dispose]();
      expect(live()).toBe(before);
      expectError(() => dx.data, DisposedError, 'Tensor.data: ');
    });
  });
}
