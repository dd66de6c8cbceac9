import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import {
  AliasError,
  add,
  BackwardError,
  crossEntropy,
  DisposedError,
  ShapeError,
  SoftmaxWithLoss,
  StaleTensorError,
  Tensor,
  tensor,
  tidy,
  zeros,
} from '../../src/index';
import * as reference from '../reference/layers';
import { ndarray } from '../reference/ndarray';
import { expectClose, expectError, live, normalTensor } from '../support/facade';
import { generator } from '../support/seeds';
import { pair } from '../support/shapes';
import { expectSameBits } from '../support/ulp';

describe('SoftmaxWithLoss', () => {
  test('loss, y and gradient are the reference, for indices, one-hot and soft rows', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20 }), fc.nat(), (rows, cols, seed) =>
        tidy(() => {
          const x = pair([rows, cols], seed);
          const next = generator(seed);
          const labels = Array.from({ length: rows }, () => Math.floor(next() * cols));
          const oneHot = labels.map((label) => Array.from({ length: cols }, (_, j) => (j === label ? 1 : 0)));
          const soft = labels.map(() => Array.from({ length: cols }, () => Math.fround(next())));
          using criterion = new SoftmaxWithLoss();
          for (const [t, weights] of [
            [labels, oneHot],
            [Int32Array.from(labels), oneHot],
            [tensor(labels), oneHot],
            [oneHot, oneHot],
            [tensor(soft), soft],
          ] as const) {
            const rowsOfT = ndarray([rows, cols], weights.flat());
            const exact = reference.softmaxWithLoss.forward(x.nd, rowsOfT);
            const loss = criterion.forward(x.t, t);
            expect(Math.abs(loss - exact.loss)).toBeLessThanOrEqual(1e-6 * (1 + Math.abs(exact.loss)));
            expect(criterion.loss).toBe(loss);
            expectClose(criterion.y!.toTypedArray(), exact.y.data, 4e-7);
            const dx = criterion.backward(3);
            expectClose(dx.toTypedArray(), reference.softmaxWithLoss.backward(exact.y, rowsOfT, 3).data, 2e-6);
          }
        }),
      ),
      { numRuns: 60 },
    );
  });

  test('the book: y of logits [[0.3, 2.9, 4.0]]', () => {
    const criterion = new SoftmaxWithLoss();
    const loss = criterion.forward([[0.3, 2.9, 4.0]], [2]);
    expectClose(criterion.y!.toTypedArray(), [0.01821127, 0.24519181, 0.73659691], 5e-9 + 2 ** -25);
    expect(loss).toBeCloseTo(-Math.log(0.7365969), 7);
    expectClose(criterion.backward().toTypedArray(), [0.01821127, 0.24519181, 0.73659691 - 1], 4e-8);
  });

  test('y, t and loss are those of the last forward; null before, y and t after dispose, too', () => {
    const criterion = new SoftmaxWithLoss();
    expect([criterion.y, criterion.t, criterion.loss]).toEqual([null, null, null]);
    criterion.forward([[1, 2]], [1]);
    expect(criterion.t).toEqual(Int32Array.of(1));
    const y = criterion.y!;
    criterion.forward([[1, 2]], [[0.5, 0.5]]);
    expect(criterion.t).toBeInstanceOf(Tensor);
    expect((criterion.t as Tensor).toArray()).toEqual([[0.5, 0.5]]);
    expectError(() => y.data, StaleTensorError, 'Tensor.data: this output of SoftmaxWithLoss.forward was overwritten');
    expectSameBits(criterion.y!.toTypedArray(), Float32Array.of(1 / (1 + Math.E), Math.E / (1 + Math.E)));
    criterion.dispose();
    expect([criterion.y, criterion.t]).toEqual([null, null]);
  });

  test('backward scales by dout, as often as wanted', () => {
    const criterion = new SoftmaxWithLoss();
    expectError(() => criterion.backward(), BackwardError, 'SoftmaxWithLoss.backward: call forward() first');
    criterion.forward(
      [
        [0, 0],
        [0, 0],
      ],
      [0, 1],
    );
    const one = criterion.backward();
    expect(one.toArray()).toEqual([
      [-0.25, 0.25],
      [0.25, -0.25],
    ]);
    const ten = criterion.backward(10);
    expect(ten.toArray()).toEqual([
      [-2.5, 2.5],
      [2.5, -2.5],
    ]);
    expectError(
      () => one.data,
      StaleTensorError,
      'Tensor.data: this output of SoftmaxWithLoss.backward was overwritten',
    );
    expect((criterion.backward(0).toArray() as number[][]).flat().map(Math.abs)).toEqual([0, 0, 0, 0]);
    expect(criterion.backward().toArray()).toEqual([
      [-0.25, 0.25],
      [0.25, -0.25],
    ]);
    expectError(
      () => criterion.backward('1' as never),
      TypeError,
      'SoftmaxWithLoss.backward: expected dout to be a number, got the string "1"',
    );
  });

  test('logarithm and mean are float64: the loss is not rounded to float32', () => {
    const x = normalTensor([50, 10]);
    const labels = Array.from({ length: 50 }, (_, i) => i % 10);
    const loss = new SoftmaxWithLoss().forward(x, labels);
    expect(loss).not.toBe(Math.fround(loss));
    expect(loss).toBe(crossEntropy(x, labels));
  });

  test("exact where the book saturates; epsilon gives the book's numbers", () => {
    const exact = new SoftmaxWithLoss();
    const book = new SoftmaxWithLoss({ epsilon: 1e-7 });
    expect(exact.forward([[1000, 0]], [1])).toBe(1000);
    expect(book.forward([[1000, 0]], [1])).toBeCloseTo(16.118095651, 7);
    expect(book.forward([[1000, 0]], [[0, 1]])).toBeCloseTo(16.118095651, 7);
    expect(exact.forward([[1000, 0]], [0])).toBe(0);
    expect(book.forward([[1000, 0]], [0])).toBeCloseTo(-(2 ** -23), 13);
    const y = [0.1, 0.05, 0.6, 0, 0.05, 0.1, 0, 0.1, 0, 0];
    const logits = [y.map((p) => Math.log(p))];
    // The book's example (4.2.2): 0.510825457099338.
    expect(book.forward(logits, [2])).toBeCloseTo(0.510825457, 6);
    expect(book.forward(logits, [[0, 0, 1, 0, 0, 0, 0, 0, 0, 0]])).toBeCloseTo(0.510825457, 6);
    expect(book.loss).toBeCloseTo(0.510825457, 6);
    exact.forward(logits, [2]);
    expectSameBits(book.backward().toTypedArray(), exact.backward().toTypedArray());
    expectError(
      () => new SoftmaxWithLoss({ epsilon: -1 }),
      RangeError,
      'SoftmaxWithLoss: expected epsilon to be finite and ≥ 0, got -1',
    );
    expectError(
      () => new SoftmaxWithLoss({ epsilon: '0' } as never),
      TypeError,
      'SoftmaxWithLoss: expected epsilon to be a number',
    );
    expectError(
      () => new SoftmaxWithLoss({ eps: 1 } as never),
      TypeError,
      'SoftmaxWithLoss: unknown option "eps"; known are epsilon',
    );
    expectError(
      () => new SoftmaxWithLoss(1e-7 as never),
      TypeError,
      'SoftmaxWithLoss: expected options to be an object',
    );
  });

  test('labels are copied: later changes by the caller have no effect', () => {
    const criterion = new SoftmaxWithLoss();
    const plain = [0];
    const typed = Uint8Array.of(0);
    const row = [[1, 0]];
    const tensorRow = tensor([[1, 0]]);
    for (const [t, change] of [
      [
        plain,
        () => {
          plain[0] = 1;
        },
      ],
      [
        typed,
        () => {
          typed[0] = 1;
        },
      ],
      [
        row,
        () => {
          row[0] = [0, 1];
        },
      ],
      [
        tensorRow,
        () => {
          tensorRow.set([[0, 1]]);
          tensorRow.dispose();
        },
      ],
    ] as const) {
      criterion.forward([[0, 0]], t);
      change();
      expect(criterion.backward().toArray()).toEqual([[-0.5, 0.5]]);
    }
  });

  test('the logits may be overwritten or disposed before backward', () => {
    const criterion = new SoftmaxWithLoss();
    const x = tensor([[0, 0]]);
    criterion.forward(x, [0]);
    x.set([[5, 6]]);
    x.dispose();
    expect(criterion.backward().toArray()).toEqual([[-0.5, 0.5]]);
  });

  test('a forward that throws leaves y, t, loss and the gradient', () => {
    const criterion = new SoftmaxWithLoss();
    criterion.forward([[0, 0]], [0]);
    const { y, loss } = criterion;
    expectError(
      () => criterion.forward([[1, 2, 3]], [3]),
      RangeError,
      'SoftmaxWithLoss.forward: expected label 0 to be an integer in 0 … 2, got 3',
    );
    expectError(
      () => criterion.forward([[1, 2, 3]], [[1, 0]]),
      ShapeError,
      'SoftmaxWithLoss.forward: expected labels t of shape [1] or [1, 3], got [1, 2]',
    );
    expectError(
      () => criterion.forward(zeros([0, 2]), []),
      ShapeError,
      'SoftmaxWithLoss.forward: expected x of shape [N, C] with N, C > 0, got [0, 2]',
    );
    expectError(
      () => criterion.forward('x' as never, [0]),
      TypeError,
      'SoftmaxWithLoss.forward: expected x to be a Tensor',
    );
    expect(y!.toArray()).toEqual([[0.5, 0.5]]);
    expect(criterion.loss).toBe(loss);
    expect(criterion.t).toEqual(Int32Array.of(0));
    expect(criterion.backward().toArray()).toEqual([[-0.5, 0.5]]);
  });

  test('y that was overwritten or disposed is told at backward', () => {
    const criterion = new SoftmaxWithLoss();
    criterion.forward([[0, 0]], [0]);
    add(criterion.y!, 1, { out: criterion.y! });
    expectError(
      () => criterion.backward(),
      StaleTensorError,
      'SoftmaxWithLoss.backward: y of SoftmaxWithLoss.forward was overwritten since',
    );
    criterion.forward([[0, 0]], [0]);
    criterion.y!.dispose();
    expectError(
      () => criterion.backward(),
      DisposedError,
      'SoftmaxWithLoss.backward: y of SoftmaxWithLoss.forward: this tensor was disposed',
    );
  });

  test('its own y, t and gradient as arguments', () => {
    const criterion = new SoftmaxWithLoss();
    const x = normalTensor([3, 4]);
    const fresh = (logits: Tensor, t: Tensor | number[]) =>
      tidy(() => new SoftmaxWithLoss().forward(logits.clone(), t instanceof Tensor ? t.clone() : t));
    criterion.forward(x, [0, 1, 2]);
    const byY = fresh(criterion.y!, [0, 1, 2]);
    expect(criterion.forward(criterion.y!, [0, 1, 2])).toBe(byY);
    const soft = fresh(x, criterion.y!);
    expect(criterion.forward(x, criterion.y!)).toBe(soft);
    const again = fresh(x, criterion.t as Tensor);
    expect(criterion.forward(x, criterion.t as Tensor)).toBe(again);
    expectError(
      () => criterion.forward(criterion.t as Tensor, [0, 1, 2]),
      AliasError,
      "SoftmaxWithLoss.forward: x is the layer's copy of the labels",
    );
    const dx = criterion.backward();
    const byDx = fresh(dx, [0, 1, 2]);
    expect(criterion.forward(dx, [0, 1, 2])).toBe(byDx);
  });

  test('a NaN in one row is the loss, and leaves the gradients of the other rows', () => {
    const criterion = new SoftmaxWithLoss();
    expect(
      criterion.forward(
        [
          [0, 0],
          [Number.NaN, 0],
        ],
        [0, 0],
      ),
    ).toBeNaN();
    const dx = criterion.backward(2).toArray() as number[][];
    expect(dx[0]).toEqual([-0.5, 0.5]);
    expect(dx[1].every(Number.isNaN)).toBe(true);
  });

  test('gives everything back', () => {
    const before = live();
    const criterion = new SoftmaxWithLoss();
    criterion.forward([[1, 2]], [0]);
    criterion.backward();
    criterion[Symbol.dispose]();
    criterion.dispose();
    expect(live()).toBe(before);
  });
});

test('rows of labels that a library call has overwritten since', () => {
  const criterion = new SoftmaxWithLoss();
  const rows = [
    [1, 0],
    [0, 1],
  ];
  criterion.forward(
    [
      [1, 2],
      [3, 4],
    ],
    rows,
  );
  add(criterion.t as Tensor, 1, { out: criterion.t as Tensor });
  expectError(
    () => criterion.backward(),
    StaleTensorError,
    'SoftmaxWithLoss.backward: t of SoftmaxWithLoss.forward was overwritten since',
  );
});

test('rows of labels turn stale with the next forward, however many labels that has', () => {
  for (const next of [
    [[0], [0]],
    [0, 0],
  ]) {
    const criterion = new SoftmaxWithLoss();
    criterion.forward([[1], [2]], [[1], [1]]);
    const t = criterion.t as Tensor;
    criterion.forward([[1], [2]], next);
    expectError(() => t.data, StaleTensorError, 'Tensor.data: this output of SoftmaxWithLoss.forward was overwritten');
  }
});

test('an epsilon that is not that of the book', () => {
  const p = 1 / (1 + Math.E);
  for (const t of [[0], [[1, 0]]]) {
    expect(new SoftmaxWithLoss({ epsilon: 0.5 }).forward([[0, 1]], t)).toBeCloseTo(-Math.log(p + 0.5), 6);
  }
  const mean = -(Math.log(p + 0.5) + Math.log(1.5 - p)) / 2;
  for (const t of [
    [0, 1],
    [
      [1, 0],
      [0, 1],
    ],
  ]) {
    expect(
      new SoftmaxWithLoss({ epsilon: 0.5 }).forward(
        [
          [0, 1],
          [0, 1],
        ],
        t,
      ),
    ).toBeCloseTo(mean, 6);
  }
});

test('labels that were given as indices are read as a copy', () => {
  const criterion = new SoftmaxWithLoss();
  criterion.forward([[1, 2]], [1]);
  const { t } = criterion;
  criterion.forward([[1, 2]], [0]);
  expect(t).toEqual(Int32Array.of(1));
});

test('more labels than before have room of their own', () => {
  const criterion = new SoftmaxWithLoss();
  criterion.forward(zeros([2, 3]), [0, 1]);
  const neighbours = Array.from({ length: 60 }, () => zeros([16]));
  const labels = new Int32Array(1000).fill(2);
  criterion.forward(zeros([1000, 3]), labels);
  expect(criterion.t).toEqual(labels);
  for (const t of neighbours) expect(new Set(t.toTypedArray())).toEqual(new Set([0]));
});

test('the losses of many rows stay in their room', () => {
  const rows = 2 ** 16;
  const criterion = new SoftmaxWithLoss();
  const x = zeros([rows, 2]);
  const labels = new Int32Array(rows);
  criterion.forward(x, labels); // the scratch has its place
  const neighbours = Array.from({ length: 60 }, () => zeros([2 ** 14]));
  expect(criterion.forward(x, labels)).toBeCloseTo(Math.LN2, 10);
  for (const t of neighbours) expect(new Set(t.toTypedArray())).toEqual(new Set([0]));
});

test('with an epsilon, too, the same bits in every engine: Math.log, which may differ, is not used', () => {
  const loss = (): number => new SoftmaxWithLoss({ epsilon: 1e-7 }).forward([[0.3, 2.9, 4]], [2]);
  const expected = loss();
  const log = vi.spyOn(Math, 'log').mockReturnValue(NaN);
  try {
    expect(loss()).toBe(expected);
  } finally {
    log.mockRestore();
  }
});

test('terms of weight 0 count 0, though y + epsilon is 0', () => {
  expect(new SoftmaxWithLoss({ epsilon: 1e-50 }).forward([[0, -1000]], [[1, 0]])).toBe(0);
});
