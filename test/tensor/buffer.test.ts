import { describe, expect, test } from 'vitest';
import { DisposedError, LayerBuffer, OutOfMemoryError, StaleTensorError } from '../../src/index';
import { expectError, live } from '../support/facade';

describe('LayerBuffer', () => {
  test('each handle turns the one before stale, and its reshapes with it', () => {
    const buffer = new LayerBuffer('Swish.forward');
    const first = buffer.get([2, 2]);
    const flat = first.reshape([4]);
    first.set([1, 2, 3, 4]);
    expect(flat.toArray()).toEqual([1, 2, 3, 4]);
    const second = buffer.get([2, 2]);
    const message =
      'this output of Swish.forward was overwritten by a later forward(); use predict() for inference, ' +
      'share() to use a layer twice in one pass, or clone() what you keep';
    expectError(() => first.toArray(), StaleTensorError, `Tensor.toArray: ${message}`);
    expectError(() => flat.data, StaleTensorError, `Tensor.data: ${message}`);
    expectError(() => flat.reshape([2, 2]), StaleTensorError, 'Tensor.reshape: ');
    expect(first.disposed).toBe(false);
    second.set([5, 6, 7, 8]);
    expect(second.toArray()).toEqual([
      [5, 6],
      [7, 8],
    ]);
    buffer.dispose();
  });

  test('predict, share and clone are named in that order', () => {
    const buffer = new LayerBuffer('X.forward');
    const old = buffer.get([1]);
    buffer.get([1]);
    expect(() => old.data).toThrow(/predict\(\).*share\(\).*clone\(\)/);
    const gradient = new LayerBuffer('X.backward');
    const dx = gradient.get([1]);
    gradient.get([1]);
    expect(() => dx.data).toThrow(
      'this output of X.backward was overwritten by a later backward(); clone() what you keep',
    );
    const inner = new LayerBuffer('Net.X.forward');
    const y = inner.get([1]);
    inner.get([1]);
    expect(() => y.data).toThrow('this output of Net.X.forward was overwritten by a later forward(); use predict()');
    const plain = new LayerBuffer('X');
    const z = plain.get([1]);
    plain.get([1]);
    expect(() => z.data).toThrow('this output of X was overwritten by a later get(); clone()');
  });

  test('only grows: smaller shapes reuse the memory, larger ones replace it', () => {
    const before = live();
    const buffer = new LayerBuffer('b');
    buffer.get([100]);
    expect(live()).toBe(before + 400);
    for (const n of [50, 100, 0, 1, 100]) buffer.get([n]);
    expect(live()).toBe(before + 400);
    const old = buffer.get([100]);
    const large = buffer.get([200]);
    expect(live()).toBe(before + 800);
    expectError(() => old.data, StaleTensorError, 'Tensor.data: this output of b was overwritten');
    expect(large.size).toBe(200);
    buffer.dispose();
    expect(live()).toBe(before);
  });

  test('a stale handle stays stale however often the memory is reused', () => {
    const buffer = new LayerBuffer('b.forward');
    const handles = Array.from({ length: 20 }, (_, i) => buffer.get([1 + ((i * 7) % 5)]));
    for (const handle of handles.slice(0, -1)) expectError(() => handle.data, StaleTensorError, 'Tensor.data');
    expect(handles[19].data).toHaveLength(handles[19].size);
  });

  test('dispose disposes the handles, and there are no new ones', () => {
    const buffer = new LayerBuffer('b.forward');
    const t = buffer.get([3]);
    const flat = t.reshape([3, 1]);
    buffer.dispose();
    buffer.dispose();
    expect(t.disposed).toBe(true);
    expectError(() => t.data, DisposedError, 'Tensor.data: this tensor was disposed');
    expectError(() => flat.data, DisposedError, 'Tensor.data: this tensor was disposed');
    expectError(() => buffer.get([2]), DisposedError, 'b.forward: this layer was disposed');
    buffer[Symbol.dispose]();
  });

  test('disposing a handle leaves the buffer its memory', () => {
    const before = live();
    const buffer = new LayerBuffer('b.forward');
    const t = buffer.get([3]);
    t.dispose();
    expectError(() => t.data, DisposedError, 'Tensor.data');
    expect(live()).toBe(before + 12);
    expect(buffer.get([3]).size).toBe(3);
    buffer.dispose();
    expect(live()).toBe(before);
  });

  test('checks its shape under its own name, and the old handle stays valid', () => {
    const buffer = new LayerBuffer('Swish.forward');
    const t = buffer.get([1]);
    expectError(() => buffer.get([-1]), RangeError, 'Swish.forward: expected shape[0] to be an integer');
    expectError(() => buffer.get('1' as never), TypeError, 'Swish.forward: expected shape');
    expectError(() => buffer.get([65536, 65536]), OutOfMemoryError, 'Swish.forward: a tensor of shape [65536, 65536]');
    expect(t.data).toHaveLength(1);
    expectError(() => new LayerBuffer(5 as never), TypeError, 'LayerBuffer: expected name to be a string, got 5');
  });
});

describe('room for a computation that may fail', () => {
  test('is kept until one succeeds, replaced where it is too small, and given back', () => {
    const before = live();
    const buffer = new LayerBuffer('b.forward');
    buffer.get([1]);
    buffer.reserve([10], 10);
    const { storage } = buffer.reserve([100], 100);
    expect(storage.byteLength).toBe(400);
    expect(buffer.reserve([50], 50).storage).toBe(storage);
    expect(live()).toBe(before + 4 + 400);
    expectError(() => buffer.reserve([2 ** 31], 2 ** 31), OutOfMemoryError, 'b.forward: ');
    expect(live()).toBe(before + 4);
    expect(buffer.reserve([100], 100).storage.disposed).toBe(false);
    buffer.dispose();
    buffer.dispose();
    expect(live()).toBe(before);
    expectError(() => buffer.reserve([1], 1), DisposedError, 'b.forward: this layer was disposed');
  });

  test('on the memory of the handle before: it is stale, and written to, once the computation begins', () => {
    const buffer = new LayerBuffer('b.forward');
    const old = buffer.get([2]);
    const { storage } = old;
    const { version } = storage;
    const next = buffer.reserve([2], 2);
    expect(next.storage).toBe(storage);
    expect(old.data.length).toBe(2);
    buffer.begin(next);
    expectError(() => old.data, StaleTensorError, 'Tensor.data: this output of b.forward was overwritten');
    expect(storage.version).toBeGreaterThan(version);
    buffer.dispose();
  });
});
