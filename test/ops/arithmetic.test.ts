import fc from 'fast-check';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { engine } from '../../src/engine/engine';
import {
  add,
  DisposedError,
  div,
  full,
  maximum,
  minimum,
  mul,
  ShapeError,
  sub,
  tensor,
  tidy,
  zeros,
} from '../../src/index';
import * as scalar from '../reference/arithmetic';
import { elementwise } from '../reference/ndarray';
import { expectError, live, normalTensor, pages } from '../support/facade';
import { broadcastable, pair, shapes } from '../support/shapes';
import { expectSameBits } from '../support/ulp';

const OPERATIONS = [
  ['add', add, scalar.add],
  ['sub', sub, scalar.sub],
  ['mul', mul, scalar.mul],
  ['div', div, scalar.div],
  ['maximum', maximum, scalar.maximum],
  ['minimum', minimum, scalar.minimum],
] as const;

describe.each(OPERATIONS)('%s', (name, operation, exact) => {
  test('is exact for any two shapes that broadcast, up to rank 5', () => {
    fc.assert(
      fc.property(broadcastable, fc.nat(), ([shapeA, shapeB], seed) =>
        tidy(() => {
          const a = pair(shapeA, seed, true);
          const b = pair(shapeB, seed + 1, true);
          const wanted = elementwise(exact, a.nd, b.nd);
          const y = operation(a.t, b.t);
          expect(y.shape).toEqual(wanted.shape);
          expectSameBits(y.toTypedArray(), Float32Array.from(wanted.data));
        }),
      ),
      { numRuns: 150 },
    );
  });

  test('into out: a Tensor, a Float32Array, a view of our own memory', () => {
    fc.assert(
      fc.property(broadcastable, fc.nat(), ([shapeA, shapeB], seed) =>
        tidy(() => {
          const a = pair(shapeA, seed);
          const b = pair(shapeB, seed + 1);
          const wanted = operation(a.t, b.t).toTypedArray();
          const shape = elementwise(exact, a.nd, b.nd).shape;
          const out = zeros(shape);
          expect(operation(a.t, b.t, { out })).toBe(out);
          expectSameBits(out.toTypedArray(), wanted);
          const outside = new Float32Array(wanted.length + 2);
          const view = outside.subarray(1, 1 + wanted.length);
          expect(operation(a.t, b.t, { out: view })).toBe(view);
          expectSameBits(outside, [0, ...wanted, 0]);
          const ours = zeros(shape);
          operation(a.t, b.t, { out: ours.data });
          expectSameBits(ours.toTypedArray(), wanted);
        }),
      ),
      { numRuns: 60 },
    );
  });

  test('a number and a tensor into out, on either side', () => {
    tidy(() => {
      const a = normalTensor([3, 5], 1);
      const b = operation(a, tensor(0.7)).toTypedArray();
      const c = operation(tensor(0.7), a).toTypedArray();
      const out = zeros([3, 5]);
      expectSameBits(operation(a, 0.7, { out }).toTypedArray(), b);
      expectSameBits(operation(0.7, a, { out }).toTypedArray(), c);
    });
  });

  test('operands that do not give the shape of out: errors, and nothing is written', () => {
    tidy(() => {
      const out = zeros([2, 3]);
      const behind = zeros([100]);
      for (const shape of [[2, 1, 3], [3, 2, 3], [4, 3], [12]]) {
        const b = normalTensor(shape);
        for (const a of [normalTensor([2, 3]), 1]) {
          expectError(() => operation(a, b, { out }), ShapeError, `${name}: `);
          expectError(() => operation(b, a, { out }), ShapeError, `${name}: `);
        }
      }
      for (const t of [out, behind]) expect(new Set(t.toTypedArray())).toEqual(new Set([0]));
    });
  });

  test('out may be either operand, or both, and out.data too', () => {
    fc.assert(
      fc.property(shapes({ max: 9 }), fc.nat(), (shape, seed) =>
        tidy(() => {
          const a = pair(shape, seed);
          const b = pair(shape, seed + 1);
          const wanted = operation(a.t, b.t).toTypedArray();
          const first = a.t.clone();
          expectSameBits(operation(first, b.t, { out: first }).toTypedArray(), wanted);
          const second = b.t.clone();
          expectSameBits(operation(a.t, second, { out: second }).toTypedArray(), wanted);
          const both = a.t.clone();
          const self = operation(a.t, a.t).toTypedArray();
          expectSameBits(operation(both, both, { out: both }).toTypedArray(), self);
          const through = b.t.clone();
          operation(a.t, through, { out: through.data });
          expectSameBits(through.toTypedArray(), wanted);
        }),
      ),
      { numRuns: 40 },
    );
  });

  test('numbers, nested and typed arrays count as tensors, and leave no memory behind', () => {
    const before = live();
    const rows = [
      [1, 2],
      [3, 4],
    ];
    const y = operation(rows, new Float64Array([10, 20]));
    const z = operation(8, 2);
    expect(y.toArray()).toEqual(rows.map((row) => row.map((v, j) => Math.fround(exact(v, [10, 20][j])))));
    expect(z.shape).toEqual([]);
    expect(z.item()).toBe(exact(8, 2));
    expect(live()).toBe(before + 16 + 4);
    y.dispose();
    z.dispose();
    expect(live()).toBe(before);
  });

  test('shapes that do not broadcast, wrong outs, unknown options: errors by name, nothing allocated', () => {
    const a = zeros([2, 3]);
    const b = zeros([4]);
    const disposed = zeros([2, 3]);
    disposed.dispose();
    const [narrow, out] = [zeros([2, 2]), zeros([2, 3])];
    const before = live();
    expectError(() => operation(a, b), ShapeError, `${name}: shapes [2, 3] and [4] do not broadcast`);
    expectError(() => operation(a, narrow, { out }), ShapeError, `${name}: shapes [2, 3] and [2, 2] do not broadcast`);
    expectError(() => operation(a, 1, { out: b }), ShapeError, `${name}: expected out of shape [2, 3], got [4]`);
    expectError(() => operation(a, a, { out: b }), ShapeError, `${name}: expected out of shape [2, 3], got [4]`);
    expectError(
      () => operation(a, 1, { out: new Float32Array(5) }),
      ShapeError,
      `${name}: expected out of length 6, got 5`,
    );
    expectError(
      () => operation(a, 1, { out: new Float64Array(6) as never }),
      TypeError,
      `${name}: expected out to be a Tensor or a Float32Array, got an object (Float64Array)`,
    );
    for (const out of [undefined, a]) {
      expectError(() => operation(a, a, { out, in: 1 } as never), TypeError, `${name}: unknown option "in"`);
    }
    expectError(() => operation(a, a, { out: disposed }), DisposedError, `${name}: this tensor was disposed`);
    expectError(() => operation(disposed, a), DisposedError, `${name}: a: this tensor was disposed`);
    for (const other of [a, 1]) {
      expectError(() => operation(other, disposed, { out: a }), DisposedError, `${name}: b: this tensor was disposed`);
      expectError(() => operation(disposed, other, { out: a }), DisposedError, `${name}: a: this tensor was disposed`);
    }
    expectError(() => operation(a, 'x' as never), TypeError, `${name}: expected b to be a Tensor`);
    expect(live()).toBe(before);
    expect(a.toArray()).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ]);
    for (const t of [a, b, narrow, out]) t.dispose();
  });

  test('out may be the memory of an operand in another shape of its size', () => {
    const flat = normalTensor([4]);
    const square = flat.reshape([2, 2]);
    const row = square.reshape([1, 4]);
    const other = tensor([[1, 2, 3, 4]]);
    const wanted = operation(flat, other).toArray();
    expect(operation(flat, other, { out: row })).toBe(row);
    expect(row.toArray()).toEqual(wanted);
    const twice = operation(row, row).toArray();
    expect(operation(row, flat, { out: row }).toArray()).toEqual(twice);
  });
});

test('an out array that overlaps an input is computed from the values before', () => {
  const t = tensor([1, 2, 3, 4]);
  add(t.data.subarray(0, 3), 10, { out: t.data.subarray(1, 4) });
  expect(t.toArray()).toEqual([1, 11, 12, 13]);
});

test('an out array in our memory is found again where the result makes the memory grow', () => {
  const rows = pages() * 16; // of 4 KiB: half of the memory
  using all = zeros([rows * 512]);
  const out = all.data;
  using column = zeros([rows, 1]).set(new Float32Array(rows).fill(1));
  add(column, new Float32Array(512).fill(2), { out: all.data });
  expect(out.length).toBe(0); // the memory has grown
  expect(all.data.every((v) => v === 3)).toBe(true);
});

test('one number as [1, 1] goes into every element of out', () => {
  const a = tensor([
    [1, 2, 3],
    [4, 5, 6],
  ]);
  expect(add(a, tensor([[10]]), { out: zeros([2, 3]) }).toArray()).toEqual([
    [11, 12, 13],
    [14, 15, 16],
  ]);
});

test('a column is one number for each row of a matrix, not of a tensor with more axes', () => {
  const a = normalTensor([2, 2, 3]);
  const column = tensor([[10], [20]]);
  const out = zeros([2, 2, 3]);
  expect(add(a, column, { out }).toArray()).toEqual(add(a, column).toArray());
});

test('a result without elements writes nothing, not even to the first page', () => {
  const [a, b] = [zeros([0, 2, 1]), full([1, 2, 3], 7)];
  const page = engine.f32.subarray(0, 16);
  const before = page.slice();
  page.fill(1); // as a NaN that stood there would hide what is added to it
  const shape = add(a, b).shape;
  const after = page.slice();
  page.set(before);
  expect(shape).toEqual([0, 2, 3]);
  expect(after).toEqual(new Float32Array(16).fill(1));
});

test('every result goes to the kernels for its size, which may be those of the threads', () => {
  const a = zeros([2, 3]);
  onTestFinished(() => void vi.restoreAllMocks());
  const kernels = vi.spyOn(engine, 'kernels');
  for (const b of [a, 1, tensor([1, 2, 3]), tensor([[1], [2]]), tensor([[[1]]])]) add(a, b);
  expect(kernels.mock.calls).toEqual([[6], [6], [6], [6], [6]]);
});
