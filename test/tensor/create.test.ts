import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  add,
  full,
  type NumericArray,
  ones,
  relu,
  ShapeError,
  Tensor,
  type TensorLike,
  tensor,
  toTensor,
  transpose,
  zeros,
} from '../../src/index';
import { expectError, live } from '../support/facade';

describe('tensor', () => {
  test('takes a number, nested arrays, any typed array, rows that are typed arrays, a tensor', () => {
    const source = tensor([
      [1, 2],
      [3, 4],
    ]);
    for (const [data, shape, values] of [
      [7, [], 7],
      [[], [0], []],
      [[[]], [1, 0], [[]]],
      [[1, 2, 3], [3], [1, 2, 3]],
      [
        [[1], [2]],
        [2, 1],
        [[1], [2]],
      ],
      [
        [[[1, 2]], [[3, 4]]],
        [2, 1, 2],
        [[[1, 2]], [[3, 4]]],
      ],
      [Float32Array.of(1, 2), [2], [1, 2]],
      [Float64Array.of(0.5, 1e300), [2], [0.5, Infinity]],
      [Int8Array.of(-1), [1], [-1]],
      [Uint8ClampedArray.of(255), [1], [255]],
      [Uint32Array.of(2 ** 32 - 1), [1], [2 ** 32]],
      [new Float32Array(new SharedArrayBuffer(8)), [2], [0, 0]],
      [
        [Float32Array.of(1, 2), [3, 4]],
        [2, 2],
        [
          [1, 2],
          [3, 4],
        ],
      ],
      [
        source,
        [2, 2],
        [
          [1, 2],
          [3, 4],
        ],
      ],
    ] as [TensorLike, number[], unknown][]) {
      const t = tensor(data);
      expect(t.shape).toEqual(shape);
      expect(t.rank).toBe(shape.length);
      expect(t.size).toBe(shape.reduce((a, b) => a * b, 1));
      expect(t.toArray()).toEqual(values);
    }
  });

  test('takes a Float16Array, in engines and in versions of TypeScript that have it', () => {
    type Half = { of(...values: number[]): NumericArray };
    const { Float16Array = Float32Array } = globalThis as { Float16Array?: Half };
    const half = Float16Array.of(0.5, -2);
    expect(tensor([half, half]).set(half, 1).toArray()).toEqual([
      [0.5, 0.5],
      [-2, -2],
    ]);
    expect(relu(half).copyTo(half)).toBe(half);
    expect(Array.from(half)).toEqual([0.5, 0]);
  });

  test('copies: neither side sees later changes of the other', () => {
    const array = [1, 2];
    const typed = Float32Array.of(1, 2);
    const source = tensor([1, 2]);
    const copies = [tensor(array), tensor(typed), tensor(source)];
    array[0] = typed[0] = 9;
    source.set([9, 9]);
    for (const copy of copies) expect(copy.toArray()).toEqual([1, 2]);
  });

  test('rounds to float32 once', () => {
    expect(tensor([0.1]).item()).toBe(Math.fround(0.1));
    expect(tensor([1e-46]).item()).toBe(0);
    expect(Object.is(tensor([-0]).item(), -0)).toBe(true);
  });

  test('with a shape, the values are taken flat', () => {
    expect(tensor([1, 2, 3, 4, 5, 6], [2, 3]).toArray()).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(
      tensor(
        [
          [1, 2],
          [3, 4],
        ],
        [4],
      ).toArray(),
    ).toEqual([1, 2, 3, 4]);
    expect(tensor(5, [1, 1]).toArray()).toEqual([[5]]);
    expect(tensor([5], []).toArray()).toBe(5);
    expect(tensor([1, 2], 2).shape).toEqual([2]);
    expect(tensor(new Float32Array(6), Int32Array.of(3, 2)).shape).toEqual([3, 2]);
    expectError(() => tensor([1, 2, 3], [2, 2]), ShapeError, 'tensor: expected 4 elements for shape [2, 2], got 3');
  });

  test.each<[string, unknown, string]>([
    ['ragged', [[1, 2], [3]], 'tensor: data[1] has 1 elements where its neighbours have 2 (ragged)'],
    [
      'ragged deeper',
      [
        [[1], [2]],
        [[3], [4, 5]],
      ],
      'tensor: data[1][1] has 2 elements where its neighbours have 1 (ragged)',
    ],
    ['a number among rows', [[1], 2], 'tensor: expected data[1] to be an array of 1 elements, got 2'],
    ['a row among numbers', [1, [2]], 'tensor: data[1] is an array where its neighbours are numbers (ragged)'],
    ['a typed row of another length', [[1, 2], Float32Array.of(1)], 'tensor: data[1] has 1 elements'],
    ['a string', '123', 'tensor: expected data to be a Tensor, numbers or a typed array, got the string "123"'],
    ['a string inside', [1, '2'], 'tensor: expected data[1] to be a number, got the string "2"'],
    ['undefined', undefined, 'tensor: expected data to be a Tensor, numbers or a typed array, got undefined'],
    ['undefined inside', [1, undefined], 'tensor: expected data[1] to be a number, got undefined'],
    ['null inside', [[1], [null]], 'tensor: expected data[1][0] to be a number, got null'],
    ['a BigInt', 1n, 'tensor: expected data to be a Tensor, numbers or a typed array, got the BigInt 1n'],
    [
      'a BigInt array',
      new BigInt64Array(2),
      'tensor: expected numbers, got a BigInt64Array: use Int32Array.from(x, Number)',
    ],
    ['a BigInt array inside', [new BigUint64Array(2)], 'tensor: expected numbers, got a BigUint64Array'],
    [
      'an object',
      { length: 2, 0: 1, 1: 2 },
      'tensor: expected data to be a Tensor, numbers or a typed array, got an object (Object)',
    ],
    [
      'a DataView',
      new DataView(new ArrayBuffer(4)),
      'tensor: expected data to be a Tensor, numbers or a typed array, got an object (DataView)',
    ],
    [
      'an ArrayBuffer',
      new ArrayBuffer(4),
      'tensor: expected data to be a Tensor, numbers or a typed array, got an object (ArrayBuffer)',
    ],
    ['a function', () => 1, 'tensor: expected data to be a Tensor, numbers or a typed array, got a function'],
    ['a tensor inside', [zeros([2])], 'tensor: expected data[0] to be a number, got an object (Tensor)'],
  ])('%s is a TypeError', (_what, data, message) => {
    const before = live();
    expectError(() => tensor(data as TensorLike), TypeError, message);
    expect(live()).toBe(before);
  });

  test('an array that contains itself ends', () => {
    const cycle: unknown[] = [];
    cycle[0] = cycle;
    expectError(() => tensor(cycle as never), TypeError, 'tensor: expected data to have at most 32 dimensions');
  });

  test('a detached array is a TypeError that says why', () => {
    const array = Float32Array.of(1, 2);
    structuredClone(array.buffer, { transfer: [array.buffer] });
    expectError(
      () => tensor(array),
      TypeError,
      /^TypeError: tensor: expected numbers, got a Float32Array that is detached/,
    );
  });
});

describe('zeros, ones, full', () => {
  test('every shape', () => {
    expect(zeros([2, 2]).toArray()).toEqual([
      [0, 0],
      [0, 0],
    ]);
    expect(ones(3).toArray()).toEqual([1, 1, 1]);
    expect(full([], 2.5).item()).toBe(2.5);
    expect(full([2], Number.NaN).toArray()).toEqual([Number.NaN, Number.NaN]);
    expect(zeros([0]).toArray()).toEqual([]);
    expect(zeros([-0, 2]).shape).toEqual([0, 2]);
    expect(zeros(new Uint8Array([1, 2])).shape).toEqual([1, 2]);
  });

  test('are zero also where an older tensor was', () => {
    full([1000], 7).dispose();
    expect(
      zeros([1000])
        .toTypedArray()
        .every((v) => v === 0),
    ).toBe(true);
  });

  test('fill nothing but themselves, where they fill whole lines of the memory', () => {
    const made = Array.from({ length: 16 }, () => zeros([16])); // 64 bytes, so that there is nothing between neighbours
    for (const at of [3, 4, 10]) {
      made[at].dispose();
      made[at] = full([16], 7);
    }
    for (const [i, t] of made.entries()) {
      expect(t.toTypedArray()).toEqual(new Float32Array(16).fill([3, 4, 10].includes(i) ? 7 : 0));
      t.dispose();
    }
  });

  test.each([
    ['-1', [-1]],
    ['NaN', [Number.NaN]],
    ['1.5', [2, 1.5]],
    ['2^32', [2 ** 32]],
    ['Infinity', [Infinity]],
    ['2^53', [2 ** 53]],
  ])('the dimension %s is a RangeError', (text, shape) => {
    const value = text.includes('^') ? String(shape[0]) : text;
    for (const [name, make] of Object.entries({
      zeros,
      ones,
      full: (s: number[]) => full(s, 1),
      tensor: (s: number[]) => tensor([], s),
    })) {
      expectError(
        () => make(shape),
        RangeError,
        `${name}: expected shape[${shape.length - 1}] to be an integer in 0 … 2^32 - 1, got ${value}`,
      );
    }
    expectError(() => zeros(shape[shape.length - 1]), RangeError, 'zeros: expected shape[0] to be an integer');
  });

  test('a shape of the wrong kind is a TypeError', () => {
    expectError(
      () => zeros('2' as never),
      TypeError,
      'zeros: expected shape to be an array of integers, got the string "2"',
    );
    expectError(
      () => zeros(undefined as never),
      TypeError,
      'zeros: expected shape to be an array of integers, got undefined',
    );
    expectError(() => zeros(['2'] as never), TypeError, 'zeros: expected shape[0] to be a number, got the string "2"');
    expectError(() => zeros([2n] as never), TypeError, 'zeros: expected shape[0] to be a number, got the BigInt 2n');
    expectError(() => zeros([[2]] as never), TypeError, 'zeros: expected shape[0] to be a number, got an array');
    expectError(() => full([1], '1' as never), TypeError, 'full: expected value to be a number, got the string "1"');
  });

  test('the shape is copied and frozen', () => {
    const shape = [2, 3];
    const t = zeros(shape);
    shape[0] = 7;
    expect(t.shape).toEqual([2, 3]);
    expect(Object.isFrozen(t.shape)).toBe(true);
    expectTypeOf(t.shape).toEqualTypeOf<readonly number[]>();
  });
});

describe('toTensor', () => {
  test('gives a Tensor back as it is, and copies anything else', () => {
    const t = tensor([1]);
    expect(toTensor(t)).toBe(t);
    const u = toTensor([1, 2]);
    expect(u).toBeInstanceOf(Tensor);
    expect(add(u, t).toArray()).toEqual([2, 3]);
  });
});

test('what is no number is named with its place, the first element too', () => {
  const cases: [() => unknown, string][] = [
    [() => tensor([undefined, 1] as never), 'tensor: expected data[0] to be a number, got undefined'],
    [() => tensor([['a', 3]] as never), 'tensor: expected data[0][0] to be a number, got the string "a"'],
    [() => add([1], [null] as never), 'add: expected b[0] to be a number, got null'],
    [() => toTensor('a' as never), 'toTensor: expected x to be a Tensor, numbers or a typed array, got the string "a"'],
  ];
  for (const [call, message] of cases) expectError(call, TypeError, message);
});

test('no elements are none, however large the other dimensions', () => {
  const shape = [...new Array<number>(33).fill(2 ** 32 - 1), 0];
  expect(zeros(shape).size).toBe(0);
  expect(tensor([], shape).shape).toEqual(shape);
});

test('a view that its resizable buffer no longer holds', () => {
  const Resizable = ArrayBuffer as unknown as new (n: number, o: object) => ArrayBuffer & { resize(n: number): void };
  const buffer = new Resizable(16, { maxByteLength: 64 });
  const view = new Float32Array(buffer, 8, 2);
  buffer.resize(8);
  expectError(() => tensor(view), TypeError, 'tensor: expected numbers, got a Float32Array that is detached');
  expectError(() => zeros(view), TypeError, 'zeros: expected shape to be an array of integers');
});

test('elements whose reading makes the memory grow', () => {
  const values = [1, 2, 3, 4];
  Object.defineProperty(values, 1, { get: () => zeros([1e8]).size && 2 });
  expect(tensor(values).toArray()).toEqual([1, 2, 3, 4]);
});

test('a shape with fewer elements than the data, too, is a ShapeError', () => {
  for (const data of [[1, 2, 3], Float32Array.of(1, 2, 3), tensor([1, 2, 3])]) {
    expectError(() => tensor(data, [2]), ShapeError, 'tensor: expected 2 elements for shape [2], got 3');
  }
});

test('a typed array among nested ones of more dimensions is ragged', () => {
  expectError(() => tensor([[[1], [2]], Float32Array.of(3, 4)]), TypeError, 'tensor: ');
  expectError(() => tensor([1, Float32Array.of(2)]), TypeError, 'tensor: data[1] is an array where its neighbours are');
});

test('the shape of a tensor is frozen, whatever it was made of', () => {
  for (const t of [
    tensor([[1, 2]]),
    tensor(Float32Array.of(1)),
    tensor([1, 2], [2, 1]),
    zeros([1]),
    zeros([2]).reshape([2, -1]),
    transpose(tensor([[1, 2]])),
    transpose(tensor([[1, 2]]), [0, 1]),
  ]) {
    expect(Object.isFrozen(t.shape)).toBe(true);
  }
});
