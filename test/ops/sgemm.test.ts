import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AliasError, backendInfo, full, matmul, ones, ShapeError, sgemm, tensor, tidy, zeros } from '../../src/index';
import { gemm } from '../reference/gemm';
import { expectClose } from '../support/facade';
import { normal } from '../support/seeds';
import { expectSameBits } from '../support/ulp';

interface Case {
  m: number;
  n: number;
  k: number;
  transposeA: boolean;
  transposeB: boolean;
  alpha: number;
  beta: number;
  padding: [number, number, number];
  offsets: [number, number, number];
}

const casesUpTo = (max: number) =>
  fc.record({
    m: fc.integer({ min: 0, max }),
    n: fc.integer({ min: 0, max }),
    k: fc.integer({ min: 0, max }),
    transposeA: fc.boolean(),
    transposeB: fc.boolean(),
    alpha: fc.constantFrom(1, -0.5, 0),
    beta: fc.constantFrom(0, 1, 2),
    padding: fc.tuple(fc.nat(3), fc.nat(3), fc.nat(3)),
    offsets: fc.tuple(fc.nat(5), fc.nat(5), fc.nat(5)),
  });

const cases = casesUpTo(40);

function arrays({ m, n, k, transposeA, transposeB, padding, offsets }: Case) {
  const lda = (transposeA ? m : k) + padding[0];
  const ldb = (transposeB ? k : n) + padding[1];
  const ldc = n + padding[2];
  const a = normal(offsets[0] + (transposeA ? k : m) * lda, { seed: 1 });
  const b = normal(offsets[1] + (transposeB ? n : k) * ldb, { seed: 2 });
  const c = normal(offsets[2] + m * ldc, { seed: 3 });
  return { a, b, c, lda, ldb, ldc };
}

/** All of c as it should be, and for each element how far off it may be: not at all outside of the matrix. */
function expected(one: Case, { a, b, c, lda, ldb, ldc }: ReturnType<typeof arrays>, once = false) {
  const { m, n, k, offsets } = one;
  const matrix = (data: Float32Array, ld: number, i: number) => ({ data: data.subarray(offsets[i]), ld });
  const { y, magnitude } = gemm({ ...one, a: matrix(a, lda, 0), b: matrix(b, ldb, 1), c: matrix(c, ldc, 2) });
  // Each term rounds once as a product and k − 1 times in the sum, then come alpha, beta·C and their sum: k + 2 in all. Of these 8
  // are what the kernels keep where signs vary (test/gemm/gemm.test.ts). In float64 and rounded `once`, all but the last are 2^-53.
  const roundings = once ? (k * 2 ** -53) / 2 ** -24 : Math.min(k + 2, 8);
  const exact = Float64Array.from(c);
  const bound = new Float64Array(c.length);
  for (let i = 0; i < m * n; i++) {
    const at = offsets[2] + Math.floor(i / n) * ldc + (i % n);
    exact[at] = y[i]!;
    const size = Math.abs(y[i]!);
    // The last is less than the others where 40 terms and more cancel.
    bound[at] = Math.min(2 ** -24 * (roundings * magnitude[i]! + Number(once) * size), 2e-5 * (1 + size));
  }
  return { exact, bound };
}

/** Every [m, n, k] of sizes from 1 on. */
function shapesUpTo(most: number): [m: number, n: number, k: number][] {
  const sizes = Array.from({ length: most }, (_, i) => i + 1);
  return sizes.flatMap((m) => sizes.flatMap((n) => sizes.map((k): [number, number, number] => [m, n, k])));
}

const options = (c: Case, { lda, ldb, ldc }: ReturnType<typeof arrays>) => ({
  alpha: c.alpha,
  beta: c.beta,
  transposeA: c.transposeA,
  transposeB: c.transposeB,
  lda,
  ldb,
  ldc,
  aOffset: c.offsets[0],
  bOffset: c.offsets[1],
  cOffset: c.offsets[2],
});

describe('sgemm', () => {
  test('equals the definition for arrays anywhere, and leaves what is outside the matrix alone', () => {
    fc.assert(
      fc.property(cases, (one) => {
        const given = arrays(one);
        const { exact, bound } = expected(one, given);
        expect(sgemm(one.m, one.n, one.k, given.a, given.b, given.c, options(one, given))).toBe(given.c);
        expectClose(given.c, exact, bound);
      }),
      { numRuns: 300 },
    );
  });

  test('the usual call, without options, equals the definition in every small shape', () => {
    const long = [1, 2, 3].flatMap((few) => [33, 50, 100].map((many) => [few, many] as const));
    const vectors = long.flatMap(([few, many]) => [
      [1, few, many] as const,
      [few, many, 1] as const,
      [many, 1, few] as const,
    ]);
    for (const [m, n, k] of [...shapesUpTo(7), ...vectors]) {
      const one: Case = {
        ...{ m, n, k, transposeA: false, transposeB: false, alpha: 1, beta: 0 },
        ...{ padding: [0, 0, 0], offsets: [0, 0, 0] },
      };
      const { a, b, c, ...rest } = arrays(one);
      const { exact, bound } = expected(one, { a, b, c, ...rest }, m * n * k <= 100);
      const longer = new Float32Array([...c, 7, 8]); // what follows the matrix is not touched
      sgemm(m, n, k, a, b, longer);
      expectClose(longer, [...exact, 7, 8], [...bound, 0, 0]);
      // A view that does not begin with its buffer may be one of our memory, and is looked at twice.
      const inside = new Float32Array(1 + m * n).subarray(1);
      expect(sgemm(m, n, k, a, b, inside)).toEqual(longer.subarray(0, m * n));
    }
  });

  test('works in place on views of our own memory', () => {
    const [m, n, k] = [33, 17, 29];
    using a = zeros([m, k]).set(normal(m * k, { seed: 1 }));
    using b = zeros([k, n]).set(normal(k * n, { seed: 2 }));
    using c = zeros([m, n]);
    const expected = sgemm(m, n, k, a.toTypedArray(), b.toTypedArray(), new Float32Array(m * n));
    const { live } = backendInfo().memory;
    sgemm(m, n, k, a.data, b.data, c.data);
    expect(c.toTypedArray()).toEqual(expected);
    expect(backendInfo().memory.live).toBe(live);
  });

  test('equals the definition on views of our own memory too, with every option', () => {
    // Small products and those with vectors have kernels of their own.
    const [row, column] = [cases.map((one) => ({ ...one, m: 1 })), cases.map((one) => ({ ...one, n: 1 }))];
    const single = row.map((one) => ({ ...one, n: 1 }));
    const some = fc.oneof(casesUpTo(4), casesUpTo(12), row, column, single, cases);
    fc.assert(
      fc.property(some, fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()), (one, ours) => {
        tidy(() => {
          const given = arrays(one);
          const { exact, bound } = expected(one, given);
          const tensors = [given.a, given.b, given.c].map((x) => tensor(x));
          const [a, b, c] = [given.a, given.b, given.c].map((x, i) => (ours[i] ? tensors[i]!.data : x));
          expectClose(sgemm(one.m, one.n, one.k, a!, b!, c!, options(one, given)), exact, bound);
        });
      }),
      { numRuns: 500 },
    );
  });

  test('the last row may end with the matrix', () => {
    const a = new Float32Array([1, 2, 0, 3, 4]);
    const b = new Float32Array([1, 2, 0, 0, 3, 4]);
    const c = sgemm(2, 2, 2, a, b, new Float32Array(7), { lda: 3, ldb: 4, ldc: 5 });
    expect([...c]).toEqual([7, 10, 0, 0, 0, 15, 22]);
  });

  test('the leading dimension of a single row does not matter', () => {
    using t = tensor([1, 2, 3, 4, 0, 0, 0, 0]);
    for (const a of [t.data.subarray(0, 4), new Float32Array([1, 2, 3, 4])]) {
      expect(sgemm(1, 1, 4, a, new Float32Array(4).fill(1), new Float32Array(1), { lda: 1 })[0]).toBe(10);
    }
  });

  test('nor does that of C, on views of our own memory', () => {
    const [a, b, c] = [zeros([120]), zeros([360]), zeros([64])].map((x) => x.data);
    a!.fill(1);
    b!.fill(2);
    for (const n of [1, 4, 5, 7, 9]) {
      const end = 2 ** 32 - 16 - c!.byteOffset;
      for (const ldc of [0, 1, 2, 4, n, 40, 2 ** 30 + 1, end / 4]) {
        c!.fill(-7);
        sgemm(1, n, 40, a!, b!, c!, { transposeA: true, lda: 3, ldc });
        expect([...c!], `n ${n}, ldc ${ldc}`).toEqual([...new Array(n).fill(80), ...new Array(64 - n).fill(-7)]);
      }
    }
  });

  test('nor does that of B, or of A as a column, on views of our own memory: one row by many columns', () => {
    matmul(full([1, 60], NaN), full([60, 200], NaN)).dispose(); // something else in the scratch
    const [a, b, c] = [zeros([120]), zeros([360]), zeros([120])].map((x) => x.data);
    a!.fill(3);
    b!.fill(2);
    for (const n of [16, 17, 100]) {
      for (const ld of [0, 1, 15, 16, 17, 2 ** 31]) {
        for (const k of [0, 1]) {
          const expected = [...new Array(n).fill(6 * k), ...new Array(120 - n).fill(-7)];
          c!.fill(-7);
          sgemm(1, n, k, a!, b!, c!, { ldb: ld });
          expect([...c!], `1×${k}×${n}, ldb ${ld}`).toEqual(expected);
          c!.fill(-7);
          sgemm(n, 1, k, b!, a!, c!, { transposeA: true, lda: ld });
          expect([...c!], `${n}×${k}×1, lda ${ld}`).toEqual(expected);
        }
      }
    }
  });

  test('a row has the same bits in our memory, with gaps between the rows of B, and elsewhere', () => {
    for (const n of [3, 8, 15, 16, 17, 33]) {
      const [k, ldb] = [57, 40];
      const [row, matrix] = [normal(k, { seed: n }), normal(k * ldb, { seed: n + 1 })];
      using A = tensor(row);
      using B = tensor(matrix);
      const ours = sgemm(1, n, k, A.data, B.data, new Float32Array(n), { ldb });
      expectSameBits(ours, sgemm(1, n, k, row, matrix, new Float32Array(n), { ldb }));
    }
  });

  test('beta = 0 does not read C', () => {
    for (const size of [2, 40]) {
      const c = new Float32Array(size * size).fill(NaN);
      sgemm(size, size, size, normal(size * size), normal(size * size), c);
      expect(c.every(Number.isFinite)).toBe(true);
    }
  });

  test('C may be A or B outside our memory, and is an AliasError inside', () => {
    for (const size of [1, 2, 3, 4, 5, 20]) {
      const a = normal(size * size, { seed: 4 });
      const b = normal(size * size, { seed: 5 });
      const expected = sgemm(size, size, size, a, b, new Float32Array(size * size));
      const c = a.slice();
      expect(sgemm(size, size, size, c, b, c)).toEqual(expected);
      const d = b.slice();
      expect(sgemm(size, size, size, a, d, new Float32Array(d.buffer))).toEqual(expected);
    }
    // A row of one term, whose C begins within B, or has A in it.
    for (const n of [16, 17, 64]) {
      const row = normal(n, { seed: 6 });
      const expected = sgemm(1, n, 1, new Float32Array([3]), row, new Float32Array(n));
      const both = new Float32Array([...row, 0]);
      expect(sgemm(1, n, 1, new Float32Array([3]), both, both.subarray(1))).toEqual(expected);
      const c = new Float32Array(n).fill(3);
      expect(sgemm(1, n, 1, c.subarray(5), row, c)).toEqual(expected);
    }
    for (const size of [1, 2, 20]) {
      using t = zeros([size, size]);
      expect(() => sgemm(size, size, size, t.data, normal(size * size), t.data)).toThrow(AliasError);
      expect(() => sgemm(size, size, size, t.data, normal(size * size), t.data, {})).toThrow(AliasError);
    }
  });

  test('a sum of negative zeros is +0, as in the kernels', () => {
    for (const [m, n, k] of shapesUpTo(4)) {
      const c = sgemm(m, n, k, new Float32Array(m * k), new Float32Array(k * n).fill(-1), new Float32Array(m * n));
      for (const sum of c) expect(sum).toBe(0);
    }
  });

  test('outside our memory C may lie anywhere in A and B, in every small shape', () => {
    const size = fc.integer({ min: 1, max: 11 });
    const at = fc.nat(40);
    fc.assert(
      fc.property(size, size, fc.integer({ min: 1, max: 3 }), at, at, at, (m, n, k, p, q, r) => {
        const values = normal(200, { seed: 8 });
        const part = (offset: number, size: number) => values.subarray(offset, offset + size);
        const [a, b] = [part(p, m * k), part(q, k * n)];
        const expected = sgemm(m, n, k, a.slice(), b.slice(), new Float32Array(m * n));
        expect(sgemm(m, n, k, a, b, part(r, m * n))).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  test('C that shares an element with A or B in our memory is an AliasError; else the product is right', () => {
    const place = fc.record({ offset: fc.nat(30), padding: fc.nat(6) });
    const size = fc.integer({ min: 1, max: 4 });
    let [refused, done] = [0, 0];
    fc.assert(
      fc.property(size, size, size, place, place, fc.boolean(), (m, n, k, p, q, left) => {
        const [rows, cols] = left ? [m, k] : [k, n];
        // How far apart its rows are does not matter to a single one.
        const ld = rows === 1 ? p.padding : cols + p.padding;
        const ldc = m === 1 ? q.padding : n + q.padding;
        const elements = (at: number, rows: number, cols: number, ld: number) =>
          Array.from({ length: rows * cols }, (_, i) => at + Math.floor(i / cols) * ld + (i % cols));
        const shared = new Set(elements(p.offset, rows, cols, ld));
        const overlap = elements(q.offset, m, n, ldc).some((at) => shared.has(at));
        using t = tensor(normal(100, { seed: 6 }));
        const other = normal(16, { seed: 7 });
        const options = left
          ? { lda: ld, ldc, aOffset: p.offset, cOffset: q.offset }
          : { ldb: ld, ldc, bOffset: p.offset, cOffset: q.offset };
        const call = (mine: Float32Array, out: Float32Array) =>
          left ? sgemm(m, n, k, mine, other, out, options) : sgemm(m, n, k, other, mine, out, options);
        const expected = call(t.toTypedArray(), t.toTypedArray());
        try {
          call(t.data, t.data);
        } catch (error) {
          expect(error).toBeInstanceOf(AliasError);
          refused++;
          return;
        }
        expect(overlap).toBe(false);
        expect(t.toTypedArray()).toEqual(expected);
        done++;
      }),
      { numRuns: 1000 },
    );
    expect(Math.min(refused, done)).toBeGreaterThan(100);
  });

  test.each([
    ['left of it in the same rows', 4, { lda: 8, aOffset: 4, ldc: 8 }],
    ['right behind it', 4, { cOffset: 32 }],
    ['before it', 4, { aOffset: 32 }],
    ['around it, where it is empty', 0, { aOffset: 5 }],
  ])('C may be %s in the memory of A', (_where, k, options) => {
    using t = tensor(normal(80, { seed: 6 }));
    const b = normal(16, { seed: 7 });
    const expected = sgemm(8, 4, k, t.toTypedArray(), b, t.toTypedArray(), options);
    expect(sgemm(8, 4, k, t.data, b, t.data, options)).toEqual(expected);
  });

  test('a single row may lie between the rows of C in our memory, whatever its distance to the next would be', () => {
    for (const ldb of [undefined, 8, 3]) {
      const values = normal(16, { seed: 6 });
      using t = tensor(values);
      const options = { bOffset: 4, ldc: 8, ldb };
      expect(sgemm(2, 4, 1, Float32Array.of(1, 2), t.data, t.data, options)).toEqual(
        sgemm(2, 4, 1, Float32Array.of(1, 2), values, values, options),
      );
      for (const bOffset of [3, 5]) {
        expect(() => sgemm(2, 4, 1, Float32Array.of(1, 2), t.data, t.data, { ...options, bOffset })).toThrow(
          AliasError,
        );
      }
    }
  });

  test('A and C may be columns of one matrix in our memory, as long as they are others', () => {
    for (const [offset, disjoint] of [
      [4, true],
      [3, false],
      [5, false],
    ] as const) {
      using t = tensor(normal(8 * 9, { seed: 6 }), [8, 9]);
      const b = normal(16, { seed: 7 });
      const options = { lda: 8, ldc: 8, cOffset: offset };
      const call = () => sgemm(8, 4, 4, t.data, b, t.data, options);
      if (disjoint) {
        const expected = sgemm(8, 4, 4, t.toTypedArray(), b, t.toTypedArray(), options);
        expect(call()).toEqual(expected);
      } else expect(call).toThrow(AliasError);
    }
  });

  test.each([
    [
      () => sgemm(1n as never, 2, 2, normal(4), normal(4), normal(4)),
      TypeError,
      'sgemm: expected m to be a number, got the BigInt 1n',
    ],
    [
      () => sgemm(2, 2, 2, normal(3), normal(4), normal(4)),
      ShapeError,
      'sgemm: expected a with at least 4 elements for [2, 2], got 3',
    ],
    [
      () => sgemm(2, 2, 2, normal(4), normal(3), normal(4)),
      ShapeError,
      'sgemm: expected b with at least 4 elements for [2, 2], got 3',
    ],
    [
      () => sgemm(2, 2, 2, normal(4), normal(4), normal(3)),
      ShapeError,
      'sgemm: expected c with at least 4 elements for [2, 2], got 3',
    ],
    [
      () => sgemm(2, 2, 2, normal(4), normal(4), new Float64Array(4) as never),
      TypeError,
      'sgemm: expected c to be a Float32Array',
    ],
    [() => sgemm(0.5, 2, 2, normal(4), normal(4), normal(4)), RangeError, 'sgemm: expected m to be an integer'],
    [() => sgemm(2, 0.5, 2, normal(4), normal(4), normal(4)), RangeError, 'sgemm: expected n to be an integer'],
    [() => sgemm(2, 2, 0.5, normal(4), normal(4), normal(4)), RangeError, 'sgemm: expected k to be an integer'],
    [
      () => sgemm(2, 2, 2, normal(4), normal(4), normal(4), { cOffset: 1 }),
      ShapeError,
      'sgemm: expected c with at least 5',
    ],
    [
      () => sgemm(2, 2, 2, normal(9), normal(4), normal(4), { lda: 1 }),
      RangeError,
      'sgemm: expected lda to be at least 2',
    ],
    [() => sgemm(-1, 2, 2, normal(4), normal(4), normal(4)), RangeError, 'sgemm: expected m to be an integer'],
    [() => sgemm(2, -1, 2, normal(4), normal(4), normal(4)), RangeError, 'sgemm: expected n to be an integer'],
    [() => sgemm(2, 2, -1, normal(4), normal(4), normal(4)), RangeError, 'sgemm: expected k to be an integer'],
    [() => sgemm(2, 2, 2, [1] as never, normal(4), normal(4)), TypeError, 'sgemm: expected a to be a Float32Array'],
    [() => sgemm(2, 2, 2, normal(4), normal(4), normal(4), { beta: '1' } as never), TypeError, 'sgemm: expected beta'],
    [
      () => sgemm(2, 2, 2, normal(4), normal(4), normal(4), { transA: true } as never),
      TypeError,
      'sgemm: unknown option "transA"',
    ],
  ] as const)('bad arguments are named: %#', (call, kind, message) => {
    expect(call).toThrow(kind);
    expect(call).toThrow(message);
  });
});

describe.each([1, 2, 9])('the usual call of size %i, without options', (size) => {
  const count = size * size;
  const gone = () => {
    const array = normal(count);
    structuredClone(array, { transfer: [array.buffer] });
    return array;
  };

  test.each([
    ['undefined', () => undefined],
    ['null', () => null],
    ['a number', () => 1],
    ['an array', () => new Array(count).fill(1)],
    ['an object with elements', () => ({ ...new Array(count).fill(1), length: count })],
    ['a Float64Array', () => new Float64Array(count)],
    ['too short an array', () => normal(count - 1)],
    ['an array whose buffer is gone', gone],
  ])('refuses %s in each place, and the next call works', (_, make) => {
    for (const [at, name] of ['a', 'b', 'c'].entries()) {
      const given = [normal(count), normal(count), new Float32Array(count)];
      const wrong = given.with(at, make() as never) as [Float32Array, Float32Array, Float32Array];
      expect(() => sgemm(size, size, size, ...wrong)).toThrow(
        new RegExp(`^sgemm: expected (${name}|numbers, got a Float32Array that is detached)`),
      );
      expect(given[2]).toEqual(new Float32Array(count));
      const ones = new Float32Array(count).fill(1);
      expect(sgemm(size, size, size, ones, ones, given[2]!)[0]).toBe(size);
    }
  });
});

test.each(['m', 'n', 'k'])('a BigInt, a symbol or a string as %s is named', (name) => {
  for (const wrong of [2n, Symbol('2'), '2']) {
    const [m, n, k] = ['m', 'n', 'k'].map((other) => (other === name ? wrong : 2)) as [number, number, number];
    expect(() => sgemm(m, n, k, normal(4), normal(4), normal(4))).toThrow(`sgemm: expected ${name} `);
  }
});

test("arrays of the caller's own classes, whose constructors take something else", () => {
  const Plain = Float32Array as new (count: number) => Float32Array;
  class Vector extends Plain {
    constructor(count: number) {
      super(count);
    }
  }
  class Matrix extends Plain {
    constructor(rows: number, cols: number) {
      super(rows * cols);
    }
  }
  const ones = new Float32Array(64).fill(1);
  const live = zeros([1000]);
  const vector = new Vector(64000);
  vector.fill(1, 64, 128);
  expect(sgemm(8, 8, 8, vector, ones, new Float32Array(64), { aOffset: 64 })).toEqual(new Float32Array(64).fill(8));
  expect(sgemm(8, 8, 8, ones, new Matrix(9, 8).fill(3), new Float32Array(64))).toEqual(new Float32Array(64).fill(24));
  expect(sgemm(2, 8, 8, new Matrix(2, 9).fill(2), ones, new Float32Array(16), { lda: 9 })).toEqual(
    new Float32Array(16).fill(16),
  );
  expect(live.toTypedArray()).toEqual(new Float32Array(1000));
});

test('without terms, C is beta · C whatever alpha is', () => {
  const none = new Float32Array(0);
  for (const alpha of [Number.NaN, Infinity, 2]) {
    const c = new Float32Array(64).fill(3);
    expect(sgemm(8, 8, 0, none, none, c, { alpha, beta: 2 })).toEqual(new Float32Array(64).fill(6));
  }
});

test('sums of a call with 100 multiplications are rounded once', () => {
  const [m, n, k] = [5, 4, 5];
  const a = Float32Array.from({ length: m * k }, (_, i) => 1 / (i + 3));
  const b = Float32Array.from({ length: k * n }, (_, i) => 1 / (7 - 3 * i));
  const wanted = Float32Array.from({ length: m * n }, (_, at) => {
    let sum = 0;
    for (let p = 0; p < k; p++) sum += a[Math.floor(at / n) * k + p] * b[p * n + (at % n)];
    return sum;
  });
  expect(sgemm(m, n, k, a, b, new Float32Array(m * n))).toEqual(wanted);
});

test('an empty matrix needs no elements, however far apart its rows would be', () => {
  const none = new Float32Array(0);
  for (const options of [{ lda: 5 }, { transposeB: true, ldb: 5 }]) {
    expect(sgemm(3, 4, 0, none, none, new Float32Array(12).fill(1), options)).toEqual(new Float32Array(12));
  }
});

test('without terms and options, C is zero, whatever it held', () => {
  const none = new Float32Array(0);
  expect(sgemm(3, 4, 0, none, none, new Float32Array(12).fill(Number.NaN))).toEqual(new Float32Array(12));
});

test('what follows a matrix in its array is copied nowhere', () => {
  const ones = new Float32Array(64).fill(1);
  const long = new Float32Array(2 ** 20).fill(1);
  const eights = new Float32Array(64).fill(8);
  sgemm(8, 8, 8, ones, ones, new Float32Array(64)); // the scratch has its place
  using behind = zeros([2 ** 20]);
  expect(sgemm(8, 8, 8, long, ones, new Float32Array(64))).toEqual(eights);
  expect(sgemm(8, 8, 8, ones, long, new Float32Array(64))).toEqual(eights);
  expect(behind.toTypedArray().every((x) => x === 0)).toBe(true);
});

test('views that begin in the middle of their buffers', () => {
  const [a, b] = [normal(100, { seed: 8 }), normal(100, { seed: 9 })];
  const expected = sgemm(8, 8, 8, a.slice(7, 71), b.slice(9, 73), new Float32Array(64));
  expect(sgemm(8, 8, 8, a.subarray(7), b.subarray(9), new Float32Array(64))).toEqual(expected);
  const offsets = { aOffset: 2, bOffset: 3 };
  expect(sgemm(8, 8, 8, a.subarray(5), b.subarray(6), new Float32Array(64), offsets)).toEqual(expected);
});

test.each([
  [700, undefined],
  [1000, { alpha: 1 }],
] as const)('the copy of a large C beside small operands stays within the scratch (n = %i)', (n, options) => {
  const [a, b, c] = [new Float32Array(n).fill(2), new Float32Array(n).fill(2), new Float32Array(n * n)];
  sgemm(n, n, 1, a, b, c, options);
  const behind = Array.from({ length: 20 }, () => ones([100_000])); // where the scratch ends
  sgemm(n, n, 1, a, b, c, options);
  expect(behind.every((t) => t.toTypedArray().every((v) => v === 1))).toBe(true);
  expect(c.every((v) => v === 4)).toBe(true);
  for (const t of behind) t.dispose();
});

test('C that begins a column before a single column of A overlaps it', () => {
  const v = zeros([3, 8]).data;
  expect(() => sgemm(3, 2, 1, v, Float32Array.of(1, 1), v, { lda: 8, aOffset: 1, ldc: 8 })).toThrow(AliasError);
});

test('C of a single row, whatever its ldc, may lie between the rows of B', () => {
  const t = tensor([
    [1, 2, 0, 0],
    [3, 4, 9, 9],
  ]);
  const v = t.data;
  sgemm(1, 2, 2, Float32Array.of(1, 1), v, v, { ldb: 4, cOffset: 2, ldc: 2 });
  expect(t.toArray()).toEqual([
    [1, 2, 4, 6],
    [3, 4, 9, 9],
  ]);
});

test('a NaN or an infinity in a row of A or a column of B is in that of C alone, in every small shape', () => {
  for (const [m, n, k] of shapesUpTo(4)) {
    for (const bad of [Number.NaN, Infinity]) {
      for (let at = 0; at < m; at++) {
        const a = new Float32Array(m * k).fill(1).fill(bad, at * k, at * k + k);
        const c = sgemm(m, n, k, a, new Float32Array(k * n).fill(1), new Float32Array(m * n));
        expect([...c]).toEqual(Array.from(c, (_, i) => (Math.floor(i / n) === at ? bad : k)));
      }
      for (let at = 0; at < n; at++) {
        const b = Float32Array.from({ length: k * n }, (_, i) => (i % n === at ? bad : 1));
        const c = sgemm(m, n, k, new Float32Array(m * k).fill(1), b, new Float32Array(m * n));
        expect([...c]).toEqual(Array.from(c, (_, i) => (i % n === at ? bad : k)));
      }
    }
  }
});
