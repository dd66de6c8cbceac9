import { describe, expect, test, vi } from 'vitest';
import { engine } from '../../src/engine/engine';
import {
  argmax,
  crossEntropy,
  full,
  init,
  matmul,
  OutOfMemoryError,
  ones,
  SoftmaxWithLoss,
  sgemm,
  softmax,
  sum,
  type Tensor,
  take,
  tensor,
  tidy,
  transpose,
  zeros,
} from '../../src/index';
import { expectError, pages } from '../support/facade';
import { normal } from '../support/seeds';

describe('the scratch', () => {
  const product = (a: Tensor, b: Tensor) => matmul(a, b, { transposeA: true, transposeB: true }).dispose();

  test('is forgotten with the memory that init() leaves', async () => {
    let [a, b] = [full([100, 100], 2), full([100, 100], 2)];
    product(a, b);
    for (const t of [a, b]) t.dispose();
    await init();
    const tensors = Array.from({ length: 100 }, () => ones([2 ** 14]));
    [a, b] = [full([100, 100], 2), full([100, 100], 2)];
    product(a, b);
    for (const t of tensors) expect(new Set(t.toTypedArray())).toEqual(new Set([1]));
    for (const t of [...tensors, a, b]) t.dispose();
  });

  test('grows for a product where it was taken for less', async () => {
    await init();
    argmax([1, 2]);
    const tensors = Array.from({ length: 100 }, () => ones([2 ** 14]));
    const [a, b] = [full([100, 100], 2), full([100, 100], 2)];
    product(a, b);
    for (const t of tensors) expect(new Set(t.toTypedArray())).toEqual(new Set([1]));
    for (const t of [...tensors, a, b]) t.dispose();
  });

  const firstCalls: [name: string, call: () => unknown][] = [
    ['take', () => take([[1, 2]], [0])],
    ['take into an array', () => take([[1, 2]], [0], { out: new Float32Array(2) })],
    ['argmax', () => argmax([1, 2])],
    ['sum', () => sum([[1, 2]], { axis: [0, 1] })],
    ['softmax', () => softmax([1, 2])],
    ['crossEntropy', () => crossEntropy([[1, 2]], [0])],
    [
      'SoftmaxWithLoss.forward',
      () => {
        using criterion = new SoftmaxWithLoss();
        criterion.forward([[1, 2]], [0]);
      },
    ],
    ['sgemm', () => sgemm(1, 1, 1, new Float32Array(1), new Float32Array(1), new Float32Array(1), { alpha: 1 })],
    ['matmul', () => matmul([[1]], [[1]])],
    ['transpose', () => transpose([[1, 2]])],
  ];
  test.each(firstCalls)('%s as the first call of all leaves room for what products pack', async (_name, call) => {
    await init();
    tidy(() => void call());
    expect(engine.packingBytes).toBeGreaterThan(0);
    // The larger one does not fit where a scratch may have been given back.
    for (const size of [1, engine.packingBytes]) {
      using t = zeros([size]);
      const { offset } = t.storage;
      expect(offset + size * 4 <= engine.packing || offset >= engine.packing + engine.packingBytes).toBe(true);
    }
  });

  test.each([undefined, {}])(
    'sgemm as the first call of all (%o): its copies lie behind what it packs',
    async (options) => {
      await init();
      engine.packingBytes = 0; // as before the first start
      const [a, b] = [normal(300, { seed: 1 }), normal(90_000, { seed: 2 })];
      const first = sgemm(1, 300, 300, a, b, new Float32Array(300), options);
      expect(first).toEqual(sgemm(1, 300, 300, a, b, new Float32Array(300), options));
    },
  );

  test('gives the smaller one back when it grows, and keeps it where a larger one does not fit', async () => {
    await init();
    // Together more than the whole address space.
    for (let i = 1; i <= 500; i++) engine.scratch(i * 2 ** 16, 'test');
    expectError(() => engine.scratch(2 ** 33, 'test'), OutOfMemoryError, 'test: out of memory');
    const tensors = Array.from({ length: 600 }, () => ones([2 ** 14]));
    const [a, b] = [full([100, 100], 2), full([100, 100], 2)];
    product(a, b);
    for (const t of tensors) expect(new Set(t.toTypedArray())).toEqual(new Set([1]));
    for (const t of [...tensors, a, b]) t.dispose();
    expect(engine.scratch(2 ** 26, 'test')).toBeGreaterThan(0);
  });
});

test.each(['crossEntropy', 'SoftmaxWithLoss'])(
  'the scratch grows for the losses of %s on more rows than products need it for',
  async (name) => {
    await init();
    const rows = 2 ** 22;
    const tensors = Array.from({ length: 10 }, () => ones([2 ** 14])); // behind the scratch of the products
    using x = zeros([rows, 1]);
    expect(rows).toBeGreaterThan(engine.packingBytes);
    using criterion = new SoftmaxWithLoss();
    const labels = new Int32Array(rows);
    expect(name === 'crossEntropy' ? crossEntropy(x, labels) : criterion.forward(x, labels)).toBe(0);
    for (const t of tensors) expect(new Set(t.toTypedArray())).toEqual(new Set([1]));
    for (const t of tensors) t.dispose();
  },
);

test('the scratch of products is there from the start: none fails for want of it, when its out counts as overwritten already', async () => {
  await init();
  const [a, b, out] = [full([100, 100], 2), full([100, 100], 2), zeros([100, 100])];
  const { maximumPages } = engine;
  engine.maximumPages = pages();
  const rest: Tensor[] = [];
  try {
    for (let size = 2 ** 24; size >= 1; size /= 2) {
      try {
        for (;;) rest.push(zeros([size]));
      } catch {} // half as large, then
    }
    expectError(() => zeros([1]), OutOfMemoryError, 'zeros: out of memory');
    matmul(a, b, { transposeA: true, transposeB: true, out });
    expect(new Set(out.toTypedArray())).toEqual(new Set([400]));
  } finally {
    engine.maximumPages = maximumPages;
    for (const t of [...rest, a, b, out]) t.dispose();
  }
});

test('the first page belongs to no tensor: the scalar of a kernel stands there', async () => {
  await init();
  using t = zeros([1]);
  expect(t.storage.offset).toBeGreaterThanOrEqual(65536);
  expect(engine.scalar(1)).toBeLessThan(65536);
});

test('where the host refuses to double the memory, it grows by what is missing', async () => {
  await init();
  using t = tensor([1, 2, 3]);
  const before = pages();
  const grow = engine.memory.grow.bind(engine.memory);
  let refused = false;
  vi.spyOn(engine.memory, 'grow').mockImplementation((delta) => {
    if (delta === 0 || refused) return grow(delta); // by 0, as under SIMDGRAD_DETACH, it only detaches
    refused = true;
    throw new RangeError('no');
  });
  using more = zeros([before * 8192 + 1]);
  using again = zeros([before * 8192]);
  expect(refused).toBe(true);
  expect(pages()).toBeLessThan(2 * before);
  expect(t.toArray()).toEqual([1, 2, 3]);
  expect([more.size, again.size]).toEqual([before * 8192 + 1, before * 8192]);
});

test('tensors of size 0 stand in one place', () => {
  const [t, u] = [zeros([0]), zeros([3, 0])];
  expect(t.storage.offset).toBe(u.storage.offset);
  for (const empty of [t, u]) empty.dispose();
});

test('the scratch has room for four bytes an index: what take and argmax keep there overwrites no tensor', async () => {
  for (const call of [
    (x: Tensor) => take(x, new Int32Array(x.size), { axis: 0 }).dispose(),
    (x: Tensor) => argmax(x, { axis: 1 }),
  ]) {
    await init();
    engine.start();
    using x = ones([engine.packingBytes / 2, 1]);
    call(x);
    expect(x.toTypedArray().every((value) => value === 1)).toBe(true);
  }
});

test.each([undefined, { alpha: 2 }])('what sgemm (%o) copies in and out lies within the scratch', async (options) => {
  for (const [m, n, k] of [
    [512, 512, 1],
    [512, 1, 512],
    [1, 512, 512],
  ] as const) {
    await init();
    const call = () =>
      sgemm(m, n, k, new Float32Array(m * k), new Float32Array(k * n), new Float32Array(m * n), options);
    call(); // the scratch grows
    using x = ones([engine.packingBytes]); // the next place: it does not fit where the smaller one was
    call();
    expect(x.toTypedArray().every((value) => value === 1)).toBe(true);
  }
});
