import fc from 'fast-check';
import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  Affine,
  add,
  DisposedError,
  full,
  ReLU,
  Sequential,
  ShapeError,
  StaleTensorError,
  Tensor,
  tensor,
  zeros,
} from '../../src/index';
import { expectError, live, normalTensor } from '../support/facade';

describe('reading', () => {
  test('toTypedArray is a copy that can be transferred', () => {
    const t = tensor([1, 2, 3]);
    const copy = t.toTypedArray();
    expectTypeOf(copy).toEqualTypeOf<Float32Array<ArrayBuffer>>();
    expect(copy.byteLength).toBe(copy.buffer.byteLength);
    copy[0] = 9;
    expect(t.toArray()).toEqual([1, 2, 3]);
    structuredClone(copy, { transfer: [copy.buffer] });
    expect(t.toArray()).toEqual([1, 2, 3]);
  });

  test('JSON.stringify gives the nested arrays', () => {
    expect(
      JSON.stringify({
        w: tensor([
          [1, 2.5],
          [-3, NaN],
        ]),
        loss: full([], 0.5),
      }),
    ).toBe('{"w":[[1,2.5],[-3,null]],"loss":0.5}');
  });

  test('copyTo any typed array, from an offset on, and gives it back with its type', () => {
    const t = tensor([1.6, -2, 300]);
    const ints = new Uint8ClampedArray(5);
    expect(t.copyTo(ints, 1)).toBe(ints);
    expect(Array.from(ints)).toEqual([0, 2, 0, 255, 0]);
    expectTypeOf(t.copyTo(new Float64Array(3))).toEqualTypeOf<Float64Array<ArrayBuffer>>();
    expect(Array.from(t.copyTo(new Float64Array(3)))).toEqual([Math.fround(1.6), -2, 300]);
    const u = zeros([4]);
    const own = Object.defineProperty(new Float32Array(2), 'length', { value: 9 });
    expectError(() => t.copyTo(own), ShapeError, 'Tensor.copyTo: 3 elements at offset 0 do not fit into 2');
    t.copyTo(u.data, 1);
    expect(u.toArray()).toEqual([0, Math.fround(1.6), -2, 300]);
    expectError(
      () => t.copyTo(new Float32Array(2)),
      ShapeError,
      'Tensor.copyTo: 3 elements at offset 0 do not fit into 2',
    );
    expectError(
      () => t.copyTo(new Float32Array(5), 3),
      ShapeError,
      'Tensor.copyTo: 3 elements at offset 3 do not fit into 5',
    );
    expectError(
      () => t.copyTo(new Float32Array(5), -1),
      RangeError,
      'Tensor.copyTo: expected offset to be an integer ≥ 0, got -1',
    );
    expectError(
      () => t.copyTo(new Float32Array(5), '1' as never),
      TypeError,
      'Tensor.copyTo: expected offset to be a number',
    );
    expectError(
      () => t.copyTo([] as never),
      TypeError,
      'Tensor.copyTo: expected a typed array of numbers, got an empty array',
    );
    expectError(
      () => t.copyTo(new BigInt64Array(3) as never),
      TypeError,
      'Tensor.copyTo: expected numbers, got a BigInt64Array',
    );
  });

  test('item of any tensor of size 1', () => {
    expect(tensor(3).item()).toBe(3);
    expect(tensor([[[4]]]).item()).toBe(4);
    expectError(() => tensor([1, 2]).item(), ShapeError, 'Tensor.item: expected a tensor of size 1, got shape [2]');
    expectError(() => zeros([0]).item(), ShapeError, 'Tensor.item: expected a tensor of size 1, got shape [0]');
  });

  test('data is a live view, typed so that nobody posts it by accident', () => {
    const t = tensor([1, 2]);
    expectTypeOf(t.data).toEqualTypeOf<Float32Array<ArrayBufferLike>>();
    t.data[0] = 5;
    expect(t.toArray()).toEqual([5, 2]);
    t.set([6, 7]);
    expect(Array.from(t.data)).toEqual([6, 7]);
    expect(() => {
      (t as { data: unknown }).data = new Float32Array(2);
    }).toThrow(TypeError);
    expect(zeros([0]).data).toHaveLength(0);
  });
});

describe('writing', () => {
  test('set from tensors, typed and nested arrays, numbers; at an offset', () => {
    const t = zeros([2, 3]);
    expect(
      t.set([
        [1, 2, 3],
        [4, 5, 6],
      ]),
    ).toBe(t);
    expect(t.toArray()).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    t.set(Int16Array.of(-1, -2), 4);
    expect(t.toTypedArray()).toEqual(Float32Array.of(1, 2, 3, 4, -1, -2));
    t.set(9, 1);
    t.set(tensor([[7], [8]]), 2);
    expect(t.toTypedArray()).toEqual(Float32Array.of(1, 9, 7, 8, -1, -2));
    t.set([]);
    t.set(zeros([0]), 6);
    expect(t.toTypedArray()).toEqual(Float32Array.of(1, 9, 7, 8, -1, -2));
  });

  test('set from an overlapping piece of its own memory', () => {
    const t = tensor([1, 2, 3, 4]);
    t.set(t.data.subarray(0, 3), 1);
    expect(t.toArray()).toEqual([1, 1, 2, 3]);
    t.set(t);
    expect(t.toArray()).toEqual([1, 1, 2, 3]);
  });

  test('set checks before it writes', () => {
    const t = tensor([1, 2, 3]);
    expectError(() => t.set([1, 2, 3, 4]), ShapeError, 'Tensor.set: 4 elements at offset 0 do not fit into 3');
    expectError(
      () => t.set(new Float32Array(2), 2),
      ShapeError,
      'Tensor.set: 2 elements at offset 2 do not fit into 3',
    );
    expectError(() => t.set(tensor([1, 2]), 2), ShapeError, 'Tensor.set: 2 elements at offset 2');
    expectError(
      () => t.set([9, 9, 'x'] as never),
      TypeError,
      'Tensor.set: expected src[2] to be a number, got the string "x"',
    );
    expectError(() => t.set([9], 0.5), RangeError, 'Tensor.set: expected offset to be an integer ≥ 0, got 0.5');
    expectError(() => t.set([9], null as never), TypeError, 'Tensor.set: expected offset to be a number, got null');
    expectError(() => t.set(undefined as never), TypeError, 'Tensor.set: expected src to be a Tensor');
    expect(t.toArray()).toEqual([1, 2, 3]);
  });
});

describe('reshape', () => {
  test('shares the memory, one dimension may be -1', () => {
    const t = tensor([1, 2, 3, 4, 5, 6]);
    const u = t.reshape([2, 3]);
    u.data[4] = 50;
    expect(t.toArray()).toEqual([1, 2, 3, 4, 50, 6]);
    expect(t.reshape([-1, 2]).shape).toEqual([3, 2]);
    expect(t.reshape(-1).shape).toEqual([6]);
    expect(t.reshape(Int32Array.of(3, -1)).shape).toEqual([3, 2]);
    expect(u.reshape(Int32Array.of(6, 1)).shape).toEqual([6, 1]);
    expect(tensor(5).reshape([]).shape).toEqual([]);
    expect(tensor(5).reshape([1, -1]).shape).toEqual([1, 1]);
    expect(zeros([0]).reshape([3, 0]).shape).toEqual([3, 0]);
    expect(zeros([0, 3]).reshape([-1, 3]).shape).toEqual([0, 3]);
  });

  test('refuses other sizes', () => {
    const t = zeros([6]);
    expectError(() => t.reshape([4]), ShapeError, 'Tensor.reshape: expected a shape of 6 elements as [6] has, got [4]');
    expectError(() => t.reshape([-1, 4]), ShapeError, 'Tensor.reshape: 6 elements do not divide into shape [-1, 4]');
    expectError(() => t.reshape([-1, 0]), ShapeError, 'Tensor.reshape: 6 elements do not divide into shape [-1, 0]');
    expectError(() => t.reshape([-1, -1]), RangeError, 'Tensor.reshape: expected shape[1] to be an integer');
    expectError(() => t.reshape([-2, -3]), RangeError, 'Tensor.reshape: expected shape[0] to be an integer');
    expectError(() => t.reshape('6' as never), TypeError, 'Tensor.reshape: expected shape to be an array of integers');
    expectError(
      () => t.reshape(undefined as never),
      TypeError,
      'Tensor.reshape: expected shape to be an array of integers',
    );
  });

  test('the memory is freed with the last handle, in any order', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { minLength: 1, maxLength: 8 }), (order) => {
        const before = live();
        const handles = [full([2, 3], 1)];
        for (let i = 0; i < 7; i++) handles.push(handles[order[i % order.length] % handles.length].reshape([3, 2]));
        while (handles.length > 1) {
          const [gone] = handles.splice(order[handles.length % order.length] % handles.length, 1);
          gone.dispose();
          gone.dispose();
          expectError(() => gone.toArray(), DisposedError, 'Tensor.toArray: this tensor was disposed');
          expect(live()).toBe(before + 24);
          expect(handles[0].toTypedArray()).toEqual(new Float32Array(6).fill(1));
        }
        handles[0].dispose();
        expect(live()).toBe(before);
      }),
      { numRuns: 50 },
    );
  });
});

describe('dispose', () => {
  test('gives the memory back, twice is nothing, and using follows', () => {
    const before = live();
    const t = zeros([10]);
    expect(t.disposed).toBe(false);
    t.dispose();
    expect(t.disposed).toBe(true);
    t.dispose();
    t[Symbol.dispose]();
    expect(live()).toBe(before);
    {
      using u = zeros([10]);
      expect(live()).toBe(before + 40);
      expect(u.size).toBe(10);
    }
    expect(live()).toBe(before);
  });

  test('every use afterwards is a DisposedError that names the method; shape and size stay', () => {
    const t = zeros([2, 2]);
    t.dispose();
    for (const [name, use] of Object.entries({
      data: () => t.data,
      toTypedArray: () => t.toTypedArray(),
      copyTo: () => t.copyTo(new Float32Array(4)),
      toArray: () => t.toArray(),
      item: () => t.item(),
      set: () => t.set([1]),
      clone: () => t.clone(),
      reshape: () => t.reshape([4]),
    })) {
      expectError(use, DisposedError, `Tensor.${name}: this tensor was disposed`);
    }
    expectError(() => zeros([4]).set(t), DisposedError, 'Tensor.set: this tensor was disposed');
    expectError(() => tensor(t), DisposedError, 'tensor: data: this tensor was disposed');
    expect(t.shape).toEqual([2, 2]);
    expect(t.size).toBe(4);
    expect(String(t)).toBe('Tensor([2, 2]) (no longer readable)');
  });

  test('clone has memory of its own', () => {
    const t = normalTensor([3, 3]);
    const u = t.clone();
    const values = t.toArray();
    t.set(new Float32Array(9));
    t.dispose();
    expect(u.toArray()).toEqual(values);
  });
});

/** Whether the engine's error quotes what it cannot copy, as V8 does and Firefox does not. */
function quotesUncloneable(): boolean {
  try {
    structuredClone(() => 'quoted');
  } catch (error) {
    return String(error).includes('quoted');
  }
  throw new Error('functions can be cloned here');
}

test('shape and size cannot be changed, which would reach into other tensors', () => {
  const t = zeros([4]);
  for (const [key, value] of Object.entries({ shape: [256, 1], size: 100, rank: 2 })) {
    expect(() => {
      (t as unknown as Record<string, unknown>)[key] = value;
    }).toThrow(TypeError);
  }
  expect([t.shape, t.size, t.rank]).toEqual([[4], 4, 1]);
});

describe('what would copy garbage fails', () => {
  test('structuredClone and postMessage name the way out', () => {
    const t = tensor([1]);
    const refusal = quotesUncloneable() ? /simdgrad Tensor.*toTypedArray/ : /./;
    for (const value of [t, [t], { t }, new Map([['t', t]])]) {
      expect(() => structuredClone(value)).toThrow(refusal);
    }
    const { port1, port2 } = new MessageChannel();
    expect(() => port1.postMessage(t)).toThrow(refusal);
    port1.close();
    port2.close();
    const stale = new ReLU();
    const y = stale.forward([1]);
    expect(() => structuredClone(y)).toThrow(refusal);
    const layer = new Affine(tensor([[1]]), tensor([1]));
    for (const value of [layer, new Sequential([layer]), layer.parameters(), stale]) {
      expect(() => structuredClone(value)).toThrow(refusal);
    }
  });

  test('what is no handle of ours is refused, whatever it looks like', () => {
    const lookalike = { shape: [1], size: 1, rank: 1, data: Float32Array.of(1) };
    expectError(
      () => add(lookalike as never, 1),
      TypeError,
      'add: expected a to be a Tensor, numbers or a typed array',
    );
    const proxy = new Proxy(tensor([1, 2]), {});
    expect(proxy).toBeInstanceOf(Tensor);
    expect(add(proxy, 1).toArray()).toEqual([2, 3]);
    expect([...proxy.data]).toEqual([1, 2]);
    expect(proxy.set([3, 4])).toBe(proxy);
    expect(proxy.toArray()).toEqual([3, 4]);
  });

  test("Vue's reactive, which wraps every [object Object] that it finds, leaves a tensor as it is", () => {
    expect(Object.prototype.toString.call(tensor(1))).toBe('[object Tensor]');
  });
});

test('the view of a stale output says what overwrote it', () => {
  const relu = new ReLU();
  const y = relu.forward([1]);
  relu.forward([2]);
  expectError(
    () => y.data,
    StaleTensorError,
    'Tensor.data: this output of ReLU.forward was overwritten by a later forward()',
  );
});

test('set with rows that are views of the same tensor, in another order', () => {
  const t = tensor([1, 2, 3, 4]);
  const rows = t.data;
  t.set([rows.subarray(2, 4), rows.subarray(0, 2)]);
  expect(t.toArray()).toEqual([3, 4, 1, 2]);
});
