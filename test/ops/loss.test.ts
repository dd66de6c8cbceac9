import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { accuracy, crossEntropy, DisposedError, ShapeError, softmax, tensor, tidy, zeros } from '../../src/index';
import { expectError, live, normalTensor, sparse } from '../support/facade';
import { generator } from '../support/seeds';

/** Mean over the rows of Σ t·(log Σ e^x − x), in float64. */
function exactLoss(x: ArrayLike<number>, t: number[][], cols: number): number {
  let total = 0;
  t.forEach((weights, i) => {
    const row = Array.from({ length: cols }, (_, j) => x[i * cols + j]);
    const top = Math.max(...row);
    const lse = top + Math.log(row.reduce((a, v) => a + Math.exp(v - top), 0));
    weights.forEach((w, j) => {
      if (w !== 0) total += w * (lse - row[j]);
    });
  });
  return total / t.length;
}

const problems = fc.record({
  rows: fc.integer({ min: 1, max: 12 }),
  cols: fc.integer({ min: 1, max: 20 }),
  std: fc.constantFrom(0.01, 1, 30, 300),
  seed: fc.nat(),
});

describe('crossEntropy', () => {
  test('of indices in every form, of one-hot rows and of soft rows is the definition', () => {
    fc.assert(
      fc.property(problems, ({ rows, cols, std, seed }) =>
        tidy(() => {
          const x = normalTensor([rows, cols], seed, std);
          const next = generator(seed);
          const labels = Array.from({ length: rows }, () => Math.floor(next() * cols));
          const oneHot = labels.map((label) => Array.from({ length: cols }, (_, j) => (j === label ? 1 : 0)));
          const exact = exactLoss(x.data, oneHot, cols);
          for (const t of [
            labels,
            Uint8Array.from(labels),
            Int32Array.from(labels),
            Float32Array.from(labels),
            tensor(labels),
            oneHot,
            oneHot.map((row) => Float64Array.from(row)),
            tensor(oneHot),
          ]) {
            expect(Math.abs(crossEntropy(x, t) - exact)).toBeLessThanOrEqual(1e-10 * (1 + exact));
          }
          const soft = labels.map(() => Array.from({ length: cols }, () => (next() < 0.3 ? 0 : Math.fround(next()))));
          const softLoss = exactLoss(x.data, soft, cols);
          expect(Math.abs(crossEntropy(x, soft) - softLoss)).toBeLessThanOrEqual(1e-6 * (1 + Math.abs(softLoss)));
        }),
      ),
      { numRuns: 100 },
    );
  });

  test('takes plain arrays, and leaves no memory behind', () => {
    const before = live();
    expect(crossEntropy([[0, 0]], [1])).toBeCloseTo(Math.log(2), 14);
    expect(crossEntropy([[0, 0]], [[0.5, 0.5]])).toBeCloseTo(Math.log(2), 14);
    expect(live()).toBe(before);
  });

  test('is exact where p = 0, never negative where p = 1, and 0 · -Inf counts 0', () => {
    expect(crossEntropy([[1000, 0]], [1])).toBe(1000);
    expect(crossEntropy([[1000, 0]], [0])).toBe(0);
    expect(crossEntropy([[0, -Infinity]], [[1, 0]])).toBe(0);
    expect(crossEntropy([[0, -Infinity]], [1])).toBe(Infinity);
    expect(crossEntropy([[-Infinity, -Infinity]], [0])).toBeNaN();
    expect(crossEntropy([[5]], [0])).toBe(0);
  });

  test('one class: rank 1 are indices, rank 2 are rows', () => {
    expect(crossEntropy([[3], [4]], [0, 0])).toBe(0);
    expect(crossEntropy([[3], [4]], [[1], [1]])).toBe(0);
    expectError(
      () => crossEntropy([[3], [4]], [1, 1]),
      RangeError,
      'crossEntropy: expected label 0 to be an integer in 0 … 0, got 1',
    );
  });
});

describe('accuracy', () => {
  test('is the share of rows whose largest element stands at the label', () => {
    const y = [
      [0.1, 0.9],
      [0.8, 0.2],
      [0.3, 0.7],
      [0.5, 0.5],
    ];
    expect(accuracy(y, [1, 0, 0, 0])).toBe(0.75);
    expect(accuracy([[1, 3, 2]], [1])).toBe(1);
    expect(accuracy([[1, 3, 2]], [2])).toBe(0);
    expect(
      accuracy(y, [
        [0, 1],
        [1, 0],
        [1, 0],
        [1, 0],
      ]),
    ).toBe(0.75);
    expect(accuracy(tensor(y), tensor([1, 0, 1, 1]))).toBe(0.75);
    expect(accuracy(softmax(y), Uint8Array.of(0, 1, 0, 1))).toBe(0);
    expect(typeof accuracy(y, [1, 0, 1, 0])).toBe('number');
  });

  test('labels that are a view of our memory', () => {
    const t = tensor([1, 0]);
    expect(
      accuracy(
        [
          [0, 1],
          [0, 1],
        ],
        t.data,
      ),
    ).toBe(0.5);
    t.dispose();
  });
});

describe.each([
  ['crossEntropy', crossEntropy, 'logits'],
  ['accuracy', accuracy, 'y'],
] as const)('%s', (name, operation, argument) => {
  const x = [
    [1, 2, 3],
    [4, 5, 6],
  ];

  test.each([
    ['label C', [0, 3], `expected label 1 to be an integer in 0 … 2, got 3 (row 1, C = 3)`],
    ['label -1', [-1, 0], `expected label 0 to be an integer in 0 … 2, got -1`],
    ['label 1.5', [1.5, 0], `expected label 0 to be an integer in 0 … 2, got 1.5`],
    ['label NaN', [0, Number.NaN], `expected label 1 to be an integer in 0 … 2, got NaN`],
    ['label 2^32', Float64Array.of(2 ** 32, 0), `expected label 0 to be an integer in 0 … 2, got 4294967296`],
  ])('%s is a RangeError with the row and the value', (_what, labels, message) => {
    expectError(() => operation(x, labels), RangeError, `${name}: ${message}`);
    expectError(() => operation(x, tensor(labels)), RangeError, `${name}: expected label`);
  });

  test('the wrong kind of label is a TypeError', () => {
    expectError(
      () => operation(x, ['0', '1'] as never),
      TypeError,
      `${name}: expected label 0 to be a number, got the string "0"`,
    );
    expectError(() => operation(x, [1n, 0n] as never), TypeError, /got the BigInt 1n; use Number\(label\)/);
    expectError(
      () => operation(x, new BigInt64Array(2) as never),
      TypeError,
      `${name}: expected numbers, got a BigInt64Array: use Int32Array.from(x, Number)`,
    );
    expectError(() => operation(x, 1 as never), TypeError, `${name}: expected labels t as an array or a Tensor, got 1`);
    expectError(
      () => operation(x, null as never),
      TypeError,
      `${name}: expected labels t as an array or a Tensor, got null`,
    );
    expectError(
      () => operation(x, [undefined, 1] as never),
      TypeError,
      `${name}: expected label 0 to be a number, got undefined`,
    );
    expectError(
      () => operation(x, sparse(0, undefined) as never),
      TypeError,
      `${name}: expected label 1 to be a number, got undefined`,
    );
    expectError(
      () =>
        operation(x, [
          [1, 0, 0],
          [1, 0],
        ]),
      TypeError,
      `${name}: t[1] has 2 elements where its neighbours have 3`,
    );
  });

  test('the wrong number of labels, no rows, no classes and other ranks are ShapeErrors', () => {
    expectError(() => operation(x, [0]), ShapeError, `${name}: expected labels t of shape [2] or [2, 3], got [1]`);
    expectError(
      () => operation(x, [0, 1, 2]),
      ShapeError,
      `${name}: expected labels t of shape [2] or [2, 3], got [3]`,
    );
    for (const shape of [
      [1, 3],
      [3, 3],
      [2, 3, 1],
    ]) {
      expectError(
        () => operation(x, zeros(shape)),
        ShapeError,
        `${name}: expected labels t of shape [2] or [2, 3], got [${shape.join(', ')}]`,
      );
    }
    expectError(
      () =>
        operation(x, [
          [1, 0],
          [0, 1],
        ]),
      ShapeError,
      `${name}: expected labels t of shape [2] or [2, 3], got [2, 2]`,
    );
    expectError(
      () => operation(zeros([0, 3]), []),
      ShapeError,
      `${name}: expected ${argument} of shape [N, C] with N, C > 0, got [0, 3]`,
    );
    expectError(() => operation(zeros([3, 0]), [0, 0, 0]), ShapeError, `${name}: expected ${argument} of shape [N, C]`);
    expectError(
      () => operation([1, 2], [0]),
      ShapeError,
      `${name}: expected ${argument} of shape [N, C] with N, C > 0, got [2]`,
    );
    expectError(
      () => operation([x], [0]),
      ShapeError,
      `${name}: expected ${argument} of shape [N, C] with N, C > 0, got [1, 2, 3]`,
    );
  });

  test('disposed logits and labels', () => {
    const gone = zeros([2, 3]);
    gone.dispose();
    expectError(() => operation(gone, [0, 0]), DisposedError, `${name}: ${argument}: this tensor was disposed`);
    expectError(() => operation(x, gone), DisposedError, `${name}: t: this tensor was disposed`);
  });

  test('an array whose elements call the function with other labels keeps its own', () => {
    const t: number[] = [2, 0];
    Object.defineProperty(t, 1, { get: () => operation(x, [0, 0]) && 0 });
    expect(operation(x, t)).toBe(operation(x, [2, 0]));
  });

  test('an array that gives other labels at the second look cannot reach outside', () => {
    let looks = 0;
    const sly = new Proxy([0, 0], { get: (a, key) => (key === '0' ? (looks++ > 1 ? 1e9 : 0) : Reflect.get(a, key)) });
    expect(Number.isFinite(operation(x, sly))).toBe(true);
  });
});

test('many labels and many losses stay in their room', () => {
  const rows = 2 ** 16;
  const x = zeros([rows, 2]);
  const labels = new Int32Array(rows);
  crossEntropy(x, labels); // the scratch has its place
  for (const size of [2 ** 14, 100]) {
    const neighbours = Array.from({ length: 60 }, () => zeros([size]));
    // Into the gaps goes what the call itself needs.
    for (let i = 0; i < neighbours.length; i += 2) neighbours[i]!.dispose();
    const some = tensor(new Float32Array(200), [100, 2]);
    expect(crossEntropy(some, new Array(100).fill(1))).toBeCloseTo(Math.LN2, 10);
    expect(crossEntropy(x, labels)).toBeCloseTo(Math.LN2, 10);
    for (const t of neighbours) if (!t.disposed) expect(new Set(t.toTypedArray())).toEqual(new Set([0]));
  }
});
