import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { engine } from '../../src/engine/engine';
import {
  AliasError,
  DisposedError,
  matmul,
  OutOfMemoryError,
  ShapeError,
  slice,
  tensor,
  tidy,
  transpose,
  zeros,
} from '../../src/index';
import * as reference from '../reference/ndarray';
import { expectClose, expectError, live, normalTensor } from '../support/facade';
import { pair } from '../support/shapes';
import { expectSameBits } from '../support/ulp';

/** 16 · 2^-23 · Σ|a||b| per element: the netlib tester's bound. */
const BOUND = 16 * 2 ** -23;

/** Shapes of two operands that have a product, before transposition. */
const operands = fc
  .record({
    m: fc.integer({ min: 0, max: 9 }),
    n: fc.integer({ min: 0, max: 9 }),
    k: fc.integer({ min: 0, max: 20 }),
    batch: fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.constantFrom(0, 0, 1, 2)), { maxLength: 3 }),
    dropA: fc.nat(3),
    dropB: fc.nat(3),
    vectorA: fc.constantFrom(false, false, false, true),
    vectorB: fc.constantFrom(false, false, false, true),
  })
  .map(({ m, n, k, batch, dropA, dropB, vectorA, vectorB }) => {
    const leadA = batch.map(([d, one]) => (one === 1 ? 1 : d)).slice(Math.min(dropA, batch.length));
    const leadB = batch.map(([d, one]) => (one === 2 ? 1 : d)).slice(Math.min(dropB, batch.length));
    return {
      a: vectorA ? [k] : [...leadA, m, k],
      b: vectorB ? [k] : [...leadB, k, n],
    };
  });

describe('matmul', () => {
  test('has the shape and, within the bound, the values of the definition: batches, vectors, empty axes, transposes', () => {
    fc.assert(
      fc.property(operands, fc.boolean(), fc.boolean(), fc.nat(), ({ a, b }, transposeA, transposeB, seed) =>
        tidy(() => {
          const p = pair(a, seed);
          const q = pair(b, seed + 1);
          const exact = reference.matmul(p.nd, q.nd);
          const swapped = (x: typeof p, swap: boolean) =>
            swap ? tensor(reference.swapLast(x.nd).data, reference.swapLast(x.nd).shape) : x.t;
          const left = swapped(p, transposeA);
          const right = swapped(q, transposeB);
          const options = { transposeA, transposeB };
          const y = matmul(left, right, options);
          expect(y.shape).toEqual(exact.y.shape);
          const bounds = exact.magnitude.data.map((v) => v * BOUND);
          expectClose(y.toTypedArray(), exact.y.data, bounds);

          const out = zeros(y.shape);
          expect(matmul(left, right, { ...options, out })).toBe(out);
          expectSameBits(out.toTypedArray(), y.toTypedArray());
          const array = new Float32Array(y.size);
          expect(matmul(left, right, { ...options, out: array })).toBe(array);
          expectSameBits(array, y.toTypedArray());
        }),
      ),
      { numRuns: 250 },
    );
  });

  test('larger batches with broadcasting and transposes keep the bound', () => {
    tidy(() => {
      const p = pair([2, 1, 33, 70], 1);
      const q = pair([3, 70, 41], 2);
      const exact = reference.matmul(p.nd, q.nd);
      const bounds = exact.magnitude.data.map((v) => v * BOUND);
      expectClose(matmul(p.t, q.t).toTypedArray(), exact.y.data, bounds);
      const { shape, data } = reference.swapLast(p.nd);
      expectClose(matmul(tensor(data, shape), q.t, { transposeA: true }).toTypedArray(), exact.y.data, bounds);
    });
  });

  test('few rows by a large matrix keep the bound, and the bits of another form that lies otherwise in memory', () => {
    for (const m of [12, 13, 16, 17, 20, 21]) {
      tidy(() => {
        const p = pair([m, 257], m);
        const q = pair([257, 258], 2);
        const exact = reference.matmul(p.nd, q.nd);
        const y = matmul(p.t, q.t).toTypedArray();
        expectClose(
          y,
          exact.y.data,
          exact.magnitude.data.map((v) => v * BOUND),
        );
        const { shape, data } = reference.swapLast(p.nd);
        expectSameBits(matmul(tensor(data, shape), q.t, { transposeA: true }).toTypedArray(), y);
      });
    }
  });

  test('few rows by Bᵀ, which are made as their transpose, have the bits that they have among many', () => {
    for (const [m, n, k] of [
      [2, 9, 13],
      [5, 40, 33],
      [6, 7, 90],
      [7, 8, 600],
      [13, 27, 300],
      [21, 1030, 64],
      [64, 513, 515],
      [300, 436, 2048],
    ] as const) {
      tidy(() => {
        const many = pair([n, k], m);
        const q = pair([k, n], 2);
        const b = transpose(q.t);
        const rows = matmul(many.t, q.t)
          .toTypedArray()
          .subarray(0, m * n);
        const few = slice(many.t, 0, m);
        expectSameBits(matmul(few, b, { transposeB: true }).toTypedArray(), rows);
        expectSameBits(matmul(transpose(few), b, { transposeA: true, transposeB: true }).toTypedArray(), rows);
      });
    }
  });

  test('few rows by a Bᵀ whose product is larger than what the scratch holds of a transpose', () => {
    tidy(() => {
      const [a, b] = [normalTensor([100, 256], 1), normalTensor([6000, 256], 2)];
      const y = matmul(a, b, { transposeB: true }).toTypedArray();
      expectSameBits(y, matmul(a, transpose(b)).toTypedArray());
    });
  });

  test('one row by up to 16 columns has the bits that it has among many, and so has one column of Aᵀ·B', () => {
    for (const n of [2, 9, 16]) {
      for (const k of [157, 700]) {
        tidy(() => {
          const [a, b, c] = [normalTensor([40, k], n), normalTensor([k, n], k), normalTensor([k, 16], 3)];
          const rows = matmul(a, b).toTypedArray();
          expectSameBits(matmul(slice(a, 0, 1), b).toTypedArray(), rows.subarray(0, n));
          const columns = matmul(b, c, { transposeA: true }).toTypedArray();
          const one = matmul(b, slice(c, 0, 1, { axis: 1 }), { transposeA: true }).toTypedArray();
          expectSameBits(
            one,
            columns.filter((_, i) => i % 16 === 0),
          );
        });
      }
    }
  });

  test('the identity on either side changes nothing', () => {
    tidy(() => {
      const a = normalTensor([13, 13]);
      const identity = tensor(
        Array.from({ length: 13 }, (_, i) => Array.from({ length: 13 }, (_, j) => (i === j ? 1 : 0))),
      );
      expectSameBits(matmul(a, identity).toTypedArray(), a.toTypedArray());
      expectSameBits(matmul(identity, a).toTypedArray(), a.toTypedArray());
    });
  });

  test('vector · vector is a 0-d tensor', () => {
    const y = matmul([1, 2, 3], [4, 5, 6]);
    expect(y.shape).toEqual([]);
    expect(y.item()).toBe(32);
    expect(matmul([1, 2], [[3], [4]]).toArray()).toEqual([11]);
    expect(matmul([[1, 2]], [3, 4]).toArray()).toEqual([11]);
    expect(matmul([1, 2], [3, 4], { transposeA: true, transposeB: true }).item()).toBe(11);
  });

  test('K = 0 gives zeros, also into an out that held NaN', () => {
    const out = tensor([[Number.NaN, 1]]);
    expect(matmul(zeros([1, 0]), zeros([0, 2]), { out }).toArray()).toEqual([[0, 0]]);
    expect(matmul(zeros([0]), zeros([0])).item()).toBe(0);
    expect(matmul(zeros([2, 1, 0]), zeros([0])).toArray()).toEqual([[0], [0]]);
  });

  test('NaN in out is not read; 0 · Inf and 0 · NaN inside a product are NaN', () => {
    const out = tensor([[Number.NaN]]);
    expect(matmul([[1, 2]], [[3], [4]], { out }).toArray()).toEqual([[11]]);
    expect(matmul([[0, 1]], [[Infinity], [1]]).item()).toBeNaN();
    expect(matmul([[1, 0]], [[1], [Number.NaN]]).item()).toBeNaN();
  });

  test('a product of operands that are views and rows of our memory', () => {
    const t = tensor([
      [1, 2],
      [3, 4],
    ]);
    expect(matmul([t.data.subarray(2)], [t.data.subarray(0, 2), t.data.subarray(2)]).toArray()).toEqual([[15, 22]]);
    t.dispose();
  });

  test('errors name both shapes, and allocate nothing', () => {
    const a = zeros([2, 3]);
    const b = zeros([2, 3]);
    const [three, two] = [zeros([3, 3, 1]), zeros([2, 0, 3])];
    const empty = zeros([0]);
    const before = live();
    expectError(() => matmul(a, b), ShapeError, 'matmul: inner dimensions differ: [2, 3] · [2, 3] (3 and 2)');
    expectError(
      () => matmul(a, b, { transposeA: true, transposeB: true }),
      ShapeError,
      /\[2, 3\]ᵀ · \[2, 3\]ᵀ \(2 and 3\)/,
    );
    expectError(() => matmul(5, a), ShapeError, 'matmul: expected at least one axis, got [] and [2, 3]');
    expectError(() => matmul(two, three), ShapeError, 'matmul: shapes [2, 0, 3] and [3, 3, 1] do not broadcast');
    expectError(
      () => matmul(a, b, { transposeB: true, out: empty }),
      ShapeError,
      'matmul: expected out of shape [2, 2], got [0]',
    );
    expectError(
      () => matmul(a, b, { transposeB: 1 } as never),
      TypeError,
      'matmul: expected transposeB to be a boolean, got 1',
    );
    expectError(() => matmul(a, b, { transpose: true } as never), TypeError, 'matmul: unknown option "transpose"');
    expect(live()).toBe(before);
    for (const t of [a, b, three, two, empty]) t.dispose();
  });

  test('matrices into an out that does not fit: an error, and nothing is written', () => {
    tidy(() => {
      const [a, b] = [normalTensor([2, 3]), normalTensor([3, 4])];
      for (const shape of [[3, 4], [2, 5], [1, 4], [2, 3], [2, 4, 1], [8]]) {
        const out = zeros(shape);
        expectError(() => matmul(a, b, { out }), ShapeError, 'matmul: expected out of shape [2, 4], got');
        expect(new Set(out.toTypedArray())).toEqual(new Set([0]));
      }
      const out = zeros([2, 3]);
      expectError(() => matmul(a, a, { out }), ShapeError, 'matmul: inner dimensions differ');
      expectError(() => matmul(b, b, { out, transposeA: true }), ShapeError, 'matmul: expected out of shape [4, 4]');
      expect(new Set(out.toTypedArray())).toEqual(new Set([0]));
    });
  });

  test('of arrays leaves nothing behind', () => {
    const before = live();
    const out = new Float32Array(1);
    matmul([[1, 2]], [[3], [4]], { out });
    expect(live()).toBe(before);
    expect(out[0]).toBe(11);
  });

  test('out with the memory of an operand is an AliasError, through reshape too; as an array it works', () => {
    tidy(() => {
      const a = tensor([
        [1, 2],
        [3, 4],
      ]);
      const b = tensor([
        [5, 6],
        [7, 8],
      ]);
      expectError(() => matmul(a, b, { out: a }), AliasError, 'matmul: out has the memory of an input');
      expectError(
        () => matmul(a, b, { out: b.reshape([4]).reshape([2, 2]) }),
        AliasError,
        'matmul: out has the memory',
      );
      expect(a.toArray()).toEqual([
        [1, 2],
        [3, 4],
      ]);
      matmul(a, b, { out: a.data });
      expect(a.toArray()).toEqual([
        [19, 22],
        [43, 50],
      ]);
    });
  });

  test('disposed operands and outs', () => {
    const a = zeros([2, 2]);
    const gone = zeros([2, 2]);
    gone.dispose();
    const out = zeros([2, 2]);
    for (const [call, which] of [
      [() => matmul(gone, a), 'a: '],
      [() => matmul(a, gone), 'b: '],
      [() => matmul(a, a, { out: gone }), ''],
      [() => matmul(gone, a, { out }), 'a: '],
      [() => matmul(a, gone, { out }), 'b: '],
    ] as const) {
      expectError(call, DisposedError, `matmul: ${which}this tensor was disposed`);
    }
    for (const t of [a, out]) t.dispose();
  });
});

test('the least products copy bᵀ to scratch: the first page of the memory, where offset 0 is, stays as it was', () => {
  const [a, b] = [normalTensor([3, 4]), normalTensor([5, 4], 2)];
  const page = () => new Uint8Array(engine.memory.buffer).slice(0, 65536);
  const before = page();
  expect(matmul(a, b, { transposeB: true }).shape).toEqual([3, 5]);
  expect(page()).toEqual(before);
});

test('dimensions whose product overflows: a result that has no elements, or too many', () => {
  const huge = new Array(40).fill(2 ** 32 - 1);
  const [x, y] = [zeros([...huge, 1, 0]), zeros([...huge, 0, 1])];
  const before = live();
  expect(matmul(x, zeros([0, 0])).shape).toEqual([...huge, 1, 0]);
  expectError(() => matmul(x, [[], []], { transposeB: true }), OutOfMemoryError, 'matmul: a tensor of shape [');
  expectError(() => matmul(x, y), OutOfMemoryError, 'matmul: a tensor of shape [');
  expect(live()).toBe(before);
});

test('two matrices whose product no memory holds', () => {
  const [a, b] = [zeros([40_000, 1]), zeros([1, 40_000])];
  const before = live();
  expectError(() => matmul(a, b), OutOfMemoryError, 'matmul: a tensor of shape [40000, 40000]');
  expect(live()).toBe(before);
});

test.each([
  [
    [2, 3, 4],
    [3, 5],
  ],
  [
    [2, 3],
    [3, 5, 4],
  ],
])('%j · %j into [2, 5]: inner dimensions are the last ones, and nothing is written', (left, right) => {
  const [a, b, out] = [normalTensor(left), normalTensor(right), zeros([2, 5])];
  expectError(() => matmul(a, b, { out }), ShapeError, 'matmul: inner dimensions differ');
  expect(new Set(out.toTypedArray())).toEqual(new Set([0]));
});

test('a number is no matrix, on either side', () => {
  expectError(() => matmul(5, [1]), ShapeError, 'matmul: expected at least one axis, got [] and [1]');
  expectError(() => matmul([1], 5), ShapeError, 'matmul: expected at least one axis, got [1] and []');
});

test('no product among none: the first page of the memory, where offset 0 is, stays as it was', () => {
  const [a, b] = [zeros([0, 2, 3]), zeros([1, 3, 4])];
  const page = new Uint8Array(engine.memory.buffer, 0, 65536);
  const before = page.slice();
  new Float32Array(page.buffer, 0, 8).fill(1); // what a product of empty tensors, which stand there, would overwrite
  const filled = page.slice();
  expect(matmul(a, b).shape).toEqual([0, 2, 4]);
  const after = page.slice();
  page.set(before);
  expect(after).toEqual(filled);
});
