import { describe, expect, test } from 'vitest';
import {
  Affine,
  DisposedError,
  mul,
  numericalGradient,
  ReLU,
  ShapeError,
  StaleTensorError,
  sum,
  type Tensor,
  tensor,
  tidy,
  zeros,
} from '../../src/index';
import { expectClose, expectError, live } from '../support/facade';

/** Σ x², in float64. */
const square = (x: Tensor) => x.data.reduce((total, v) => total + v * v, 0);

describe('numericalGradient', () => {
  test('the book (4.4): the gradient of x0² + x1²', () => {
    for (const [at, gradient] of [
      [
        [3, 4],
        [6, 8],
      ],
      [
        [0, 2],
        [0, 4],
      ],
      [
        [3, 0],
        [6, 0],
      ],
    ]) {
      const x = tensor(at);
      expectClose(numericalGradient(square, x).toTypedArray(), gradient, 2e-4);
      expectClose(numericalGradient(() => square(x), x).toTypedArray(), gradient, 2e-4);
    }
  });

  test('x is restored to the bit, after an error too', () => {
    const x = tensor([
      [0.1, -3e7],
      [1e-40, 2],
    ]);
    const before = x.toTypedArray();
    numericalGradient(square, x, { h: 4 });
    expect(x.toTypedArray()).toEqual(before);
    const memory = live();
    let calls = 0;
    expect(() =>
      numericalGradient(
        () => {
          if (++calls === 4) throw new Error('mine');
          return 1;
        },
        x,
        { h: 4 },
      ),
    ).toThrow('mine');
    expect(x.toTypedArray()).toEqual(before);
    expect(live()).toBe(memory);
  });

  test('divides by the step actually taken: exact for a linear function, however coarse the grid', () => {
    const x = tensor([1000, 12345.678]);
    // At 1000 the step 1e-3 is rounded to a multiple of 6e-5; at 12345 of 1e-3.
    expectClose(numericalGradient(() => 3 * x.data[0] - 2 * x.data[1], x).toTypedArray(), [3, -2], 1e-9);
  });

  test('a step that float32 cannot take is a RangeError, not 0 / 0', () => {
    const x = tensor([1, 1e6]);
    expectError(
      () => numericalGradient(square, x),
      RangeError,
      'numericalGradient: h = 0.001 is lost beside 1000000 in float32; choose a larger h',
    );
    expect(x.toArray()).toEqual([1, 1e6]);
    expectClose(numericalGradient(square, x, { h: 1 }).toTypedArray(), [2, 2e6], 1);
  });

  test('has the shape of x; of size 0 too', () => {
    expect(numericalGradient(square, zeros([2, 3])).shape).toEqual([2, 3]);
    expect(numericalGradient(square, zeros([0, 3])).shape).toEqual([0, 3]);
    expect(numericalGradient(square, tensor(2)).item()).toBeCloseTo(4, 3);
  });

  test('f may give a tensor of size 1, and allocate (which detaches views)', () => {
    const x = tensor([1, 2]);
    expectClose(
      numericalGradient(() => tidy(() => sum(mul(x, x)).item()), x, { h: 1e-2 }).toTypedArray(),
      [2, 4],
      1e-3,
    );
    expectClose(numericalGradient(() => sum(mul(x, x)), x, { h: 1e-2 }).toTypedArray(), [2, 4], 1e-3);
  });

  test('earlier gradients stay as they are', () => {
    const layer = new Affine([[2]], [0]);
    layer.forward([[3]]);
    layer.backward([[1]]);
    const { dW } = layer;
    numericalGradient(() => layer.forward([[3]]).item(), layer.W);
    expect(layer.dW).toBe(dW);
    expect(dW!.toArray()).toEqual([[3]]);
  });

  test('f that disposes x, or makes it stale: an error, and no write into what came after', () => {
    const x = tensor([1, 2]);
    let intruder!: Tensor;
    expectError(
      () =>
        numericalGradient(() => {
          x.dispose();
          intruder = tensor([7, 7]);
          return 1;
        }, x),
      DisposedError,
      'numericalGradient: this tensor was disposed',
    );
    expect(intruder.toArray()).toEqual([7, 7]);
    const relu = new ReLU();
    const y = relu.forward([1, 2]);
    expectError(
      () =>
        numericalGradient(() => {
          relu.forward([5, 6]);
          return 1;
        }, y),
      StaleTensorError,
      'numericalGradient: this output of ReLU.forward',
    );
    expect(relu.backward([1, 1]).toArray()).toEqual([1, 1]);
  });

  test('checks its arguments', () => {
    const x = zeros([1]);
    expectError(
      () => numericalGradient(5 as never, x),
      TypeError,
      'numericalGradient: expected f to be a function, got 5',
    );
    expectError(
      () => numericalGradient(square, [1] as never),
      TypeError,
      'numericalGradient: expected x to be a Tensor, which f reads while it is changed, got an array',
    );
    expectError(
      () => numericalGradient((() => 'loss') as never, x),
      TypeError,
      'numericalGradient: expected f to return a number, got the string "loss"',
    );
    expectError(
      () => numericalGradient((() => undefined) as never, x),
      TypeError,
      'numericalGradient: expected f to return a number, got undefined',
    );
    expectError(
      () => numericalGradient((t) => mul(t, t), tensor([1, 2])),
      ShapeError,
      'numericalGradient: expected f to return a number, got [2]',
    );
    for (const h of [0, -1, Number.NaN, Infinity]) {
      expectError(
        () => numericalGradient(square, x, { h }),
        RangeError,
        `numericalGradient: expected h to be finite and > 0, got ${h}`,
      );
    }
    expectError(
      () => numericalGradient(square, x, { h: '1' } as never),
      TypeError,
      'numericalGradient: expected h to be a number',
    );
    expectError(
      () => numericalGradient(square, x, { step: 1 } as never),
      TypeError,
      'numericalGradient: unknown option "step"; known are h',
    );
    expectError(
      () => numericalGradient(square, x, 1e-3 as never),
      TypeError,
      'numericalGradient: expected options to be an object, got 0.001',
    );
    x.dispose();
    expectError(() => numericalGradient(square, x), DisposedError, 'numericalGradient: this tensor was disposed');
  });
});
