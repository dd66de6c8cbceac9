import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  Affine,
  add,
  backendInfo,
  full,
  LayerBuffer,
  MulLayer,
  matmul,
  OutOfMemoryError,
  ReLU,
  SoftmaxWithLoss,
  setDebug,
  sum,
  take,
  tensor,
  zeros,
} from '../../src/index';
import { resetDebug } from '../support/detach';
import { expectError, live, pages, random } from '../support/facade';

const MiB = 2 ** 20;

/** Memory that is reserved but never written: a full heap must not need the machine's memory. */
const held: LayerBuffer[] = [];
/** One past the last byte that was ever held. */
let heldEnd = 0;

function hold(bytes: number): void {
  const buffer = new LayerBuffer('test');
  const { data } = buffer.get([bytes / 4]);
  heldEnd = Math.max(heldEnd, data.byteOffset + data.byteLength);
  held.push(buffer);
}

/** Takes every byte: in ever smaller pieces, until not even 64 are left. */
function fillMemory(): void {
  for (let bytes = 512 * MiB; bytes >= 64; ) {
    try {
      hold(bytes);
    } catch (error) {
      expect(error).toBeInstanceOf(OutOfMemoryError);
      bytes /= 2;
    }
  }
}

function freeMemory(): void {
  for (const buffer of held) buffer.dispose();
  held.length = 0;
}

describe('the memory', () => {
  beforeAll(() => zeros([1]).dispose()); // it is there, whichever test is the first
  afterEach(freeMemory);

  test('what is released is used again: a thousand rounds do not grow it', () => {
    const before = pages();
    for (let i = 0; i < 1000; i++) {
      const t = zeros([1 + ((i * 7919) % 1_000_000)]);
      t.dispose();
    }
    expect(pages()).toBe(before);
  });

  test('tensors of size 0 take no room, live and are disposed', () => {
    const before = live();
    const t = zeros([0, 5]);
    const u = t.clone();
    expect(live()).toBe(before);
    expect(u.toArray()).toEqual([]);
    t.dispose();
    u.dispose();
    expect(live()).toBe(before);
  });

  test.each([
    ['zeros([65536, 65536])', () => zeros([65536, 65536]), 'zeros: ', '17179869184 bytes'],
    ['zeros([2^32 - 1])', () => zeros([2 ** 32 - 1]), 'zeros: ', '17179869180 bytes'],
    ['random.normal', () => random().normal([2 ** 20, 2 ** 20]), 'Random.normal: ', '4398046511104 bytes'],
    ['a broadcast', () => add(zeros([2 ** 20, 1]), zeros([1, 2 ** 20])), 'add: ', '4398046511104 bytes'],
    ['an outer product', () => matmul(zeros([2 ** 18, 1]), zeros([1, 2 ** 18])), 'matmul: ', '274877906944 bytes'],
    ['sum over an empty axis', () => sum(zeros([2 ** 32 - 1, 0]), { axis: 1 }), 'sum: ', '17179869180 bytes'],
    [
      'Affine on rows without features',
      () => new Affine(zeros([0, 8]), zeros([8])).forward(zeros([2 ** 30, 0])),
      'Affine.forward: ',
      '34359738368 bytes',
    ],
  ])('%s is an OutOfMemoryError that says how much, and allocates nothing', (_name, make, where, bytes) => {
    const before = { live: live(), pages: pages() };
    expectError(make, OutOfMemoryError, where);
    expectError(make, OutOfMemoryError, new RegExp(bytes));
    // What the arguments themselves took is the caller's; nothing near the size of the result was taken.
    expect(live() - before.live).toBeLessThan(20 * MiB);
    expect(pages()).toBe(before.pages);
    expect(add([1], [2]).toArray()).toEqual([3]);
  });

  test('filled to the last block: an OutOfMemoryError with the figures, older tensors readable, smaller requests work', () => {
    const t = tensor([1, 2, 3]);
    fillMemory();
    expect(pages()).toBe(65535);
    expectError(() => zeros([16]), OutOfMemoryError, 'zeros: out of memory: asked for 64 bytes');
    expectError(() => zeros([16]), OutOfMemoryError, new RegExp(`${live()} bytes are in use.*4294901760 at most`));
    expect(t.toArray()).toEqual([1, 2, 3]);
    expect(Array.from(t.data)).toEqual([1, 2, 3]);
    expectError(() => t.clone(), OutOfMemoryError, 'Tensor.clone: ');
    held.pop()!.dispose();
    expect(zeros([16]).toArray()).toHaveLength(16);
    t.dispose();
  });

  test('kernels may read 64 bytes behind every block, however full the memory is', () => {
    fillMemory();
    expect(backendInfo().memory.bytes - heldEnd).toBe(64);
  });

  test('no block reaches into the last page below 4 GiB', () => {
    fillMemory();
    expect(backendInfo().memory.bytes).toBe(2 ** 32 - 65536);
  });

  describe('a call that runs out of memory changes nothing', () => {
    /** Fills the memory but for one hole of `bytes`. */
    function leave(bytes: number): void {
      const hole = new LayerBuffer('hole');
      hole.get([bytes / 4]);
      fillMemory();
      hole.dispose();
    }

    test('functions release what they took', () => {
      const x = zeros([1000, 8]);
      const cube = x.reshape([100, 10, 8]);
      const before = live();
      leave(64);
      const full = live();
      for (const call of [
        () => add(x, [1]),
        () => add([1], x),
        () => sum(x, { axis: 1 }),
        () => sum(cube, { axis: [0, 2] }),
        () => matmul(x, new Array(8).fill(1)),
        () => take(x, new Array(3000).fill(1)),
      ]) {
        expectError(call, OutOfMemoryError, /out of memory/);
        expect(live()).toBe(full);
      }
      freeMemory();
      expect(live()).toBe(before);
      for (const t of [x, cube]) t.dispose();
    });

    test('a function whose result fits, but not what it needs beside it', () => {
      const x = zeros([10]);
      const indices = new Int32Array(2 ** 20); // as many bytes of scratch as of result
      leave(4 * MiB);
      const full = live();
      expectError(() => take(x, indices), OutOfMemoryError, 'take: out of memory: asked for 4194304 bytes');
      expect(live()).toBe(full);
      freeMemory();
      x.dispose();
    });

    test('a sum over axes apart whose second partial sums do not fit gives back the first', () => {
      const x = zeros([2, 16, 2, 16, 2]);
      leave(1024 + 4096); // the result and the first; the second need 2048
      const full = live();
      expectError(() => sum(x, { axis: [0, 2, 4] }), OutOfMemoryError, 'sum: out of memory: asked for 2048 bytes');
      expect(live()).toBe(full);
      freeMemory();
      x.dispose();
    });

    test('Affine.init: the generator has drawn nothing', () => {
      const rng = random();
      leave(64); // for W or for b
      const full = live();
      expectError(() => Affine.init(1, 16, { rng }), OutOfMemoryError, /out of memory: asked for 64 bytes/);
      expect(live()).toBe(full);
      freeMemory();
      using next = rng.normal([16]);
      using first = random().normal([16]);
      expect(next.toArray()).toEqual(first.toArray());
    });

    test('a layer: its older output and what it keeps for backward stay', () => {
      const relu = new ReLU();
      const y = relu.forward([1, -1]);
      leave(64);
      expectError(() => relu.forward(new Array(1000).fill(1)), OutOfMemoryError, 'ReLU.forward: ');
      expect(y.toArray()).toEqual([1, 0]);
      freeMemory();
      expect(relu.backward([5, 5]).toArray()).toEqual([5, 0]);
      relu.dispose();
    });

    test('MulLayer whose second input does not fit keeps both of the first forward', () => {
      const layer = new MulLayer();
      layer.forward([1, 2, 3], [4, 5, 6]);
      const big = new Array(1000).fill(1);
      const wide = zeros([1000]);
      leave(8192);
      // The output needs 4000 bytes, x 4000: y has no room.
      expectError(() => layer.forward(big, big), OutOfMemoryError, 'MulLayer.forward: ');
      expectError(() => layer.forward(wide, [big, big, big]), OutOfMemoryError, 'MulLayer.forward: ');
      freeMemory();
      expect(layer.backward([1, 1, 1]).map((g) => g.toArray())).toEqual([
        [4, 5, 6],
        [1, 2, 3],
      ]);
      layer.dispose();
      wide.dispose();
    });

    test.each([
      ['x', [30, 1], [30, 30]],
      ['y', [30, 30], [30, 1]],
      ['both', [30, 1], [1, 30]],
    ])('MulLayer that repeats %s: its older gradients stay', (_name, shapeX, shapeY) => {
      const layer = new MulLayer();
      const one = full([900], 1);
      const [x, y, dout] = [full(shapeX, 2), full(shapeY, 3), full([30, 30], 1)];
      layer.forward(one, one);
      const gradients = layer.backward(one);
      layer.forward(x, y);
      leave(64);
      expectError(() => layer.backward(dout), OutOfMemoryError, 'MulLayer.backward: ');
      for (const gradient of gradients) expect(new Set(gradient.toTypedArray())).toEqual(new Set([1]));
      freeMemory();
      const [dx, dy] = layer.backward(dout);
      expect([sum(dx).item(), sum(dy).item()]).toEqual([2700, 1800]);
      layer.dispose();
      for (const t of [one, x, y, dout]) t.dispose();
    });

    test('SoftmaxWithLoss keeps y and t', () => {
      const criterion = new SoftmaxWithLoss();
      const rows = 100_000;
      const x = zeros([rows, 1]);
      const small = tensor([[0, 0]]);
      criterion.forward(x, new Array(rows).fill(0)); // buffers of this size exist now
      criterion.forward(small, [1]);
      const y = criterion.y!;
      const more = zeros([rows + 10_000, 1]);
      leave(64);
      expectError(
        () => criterion.forward(more, new Array(rows + 10_000).fill(0)),
        OutOfMemoryError,
        'SoftmaxWithLoss.forward: ',
      );
      expect(y.toArray()).toEqual([[0.5, 0.5]]);
      freeMemory();
      expect(criterion.backward().toArray()).toEqual([[0.5, -0.5]]);
      criterion.dispose();
      for (const t of [x, small, more]) t.dispose();
    });
  });
});

describe('setDebug({detachViews: true})', () => {
  afterEach(resetDebug);

  test('detaches held views at every allocation, and no values are lost', () => {
    const t = tensor([1, 2, 3]);
    setDebug({ detachViews: true });
    const view = t.data;
    expect(view.length).toBe(3);
    const u = zeros([1]);
    expect(view.length).toBe(0);
    expect(Array.from(t.data)).toEqual([1, 2, 3]);
    setDebug({ detachViews: false });
    const again = t.data;
    zeros([1]).dispose();
    expect(again.length).toBe(3);
    t.dispose();
    u.dispose();
  });

  test('a view given as an argument may be detached by the very call that reads it', () => {
    setDebug({ detachViews: true });
    const t = tensor([1, 2, 3]);
    const u = tensor([10, 20, 30]);
    expect(add(t.data, u.data).toArray()).toEqual([11, 22, 33]);
    expect(add([1, 1, 1], u.data.subarray(0, 3)).toArray()).toEqual([11, 21, 31]);
    expect(add([t.data, u.data], 1).toArray()).toEqual([
      [2, 3, 4],
      [11, 21, 31],
    ]);
    expect(tensor(u.data.subarray(1)).toArray()).toEqual([20, 30]);
    expect(take(u, t.data.subarray(0, 2)).toArray()).toEqual([20, 30]);
    const out = zeros([3]);
    add([1, 2, 3], [1, 1, 1], { out: out.data });
    expect(out.toArray()).toEqual([2, 3, 4]);
    const relu = new ReLU();
    expect(relu.forward(t.data).toArray()).toEqual([1, 2, 3]);
    const criterion = new SoftmaxWithLoss();
    const labels = tensor([1, 0]);
    expect(
      criterion.forward(
        [
          [0, 0],
          [0, 0],
        ],
        labels.data,
      ),
    ).toBeCloseTo(Math.log(2), 12);
    expect(Array.from(criterion.t as Int32Array)).toEqual([1, 0]);
  });
});
