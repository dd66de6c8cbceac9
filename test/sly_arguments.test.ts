import { afterEach, describe, expect, test } from 'vitest';
import {
  Affine,
  accuracy,
  add,
  backendInfo,
  concat,
  crossEntropy,
  DisposedError,
  MulLayer,
  Parameter,
  ReLU,
  relu,
  ShapeError,
  StaleTensorError,
  setDebug,
  sgemm,
  tensor,
  transpose,
  zeros,
} from '../src/index';
import { shapeOfNested, takeValues } from '../src/tensor/nested';
import { resetDebug } from './support/detach';

/** Arguments that do something while they are read, or that the call itself turns invalid. */

afterEach(resetDebug);

/** `values`, which call `act` when the element `key` is read for the n-th time. */
function sly<T extends object>(values: T, key: string, n: number, act: () => void): T {
  let reads = 0;
  return new Proxy(values, {
    get(target, name) {
      if (name === key && ++reads === n) act();
      return Reflect.get(target, name);
    },
  });
}

describe('what is disposed while an argument is read is not written to', () => {
  test('a tensor that reshape is called on', () => {
    const t = tensor([1, 2, 3, 4]);
    const shape = sly([2, 2], 'length', 1, () => t.dispose());
    expect(() => t.reshape(shape)).toThrow(DisposedError);
  });

  test('the target of set, and out', () => {
    for (const call of [
      (t: ReturnType<typeof zeros>, x: number[]) => t.set(x),
      (t: ReturnType<typeof zeros>, x: number[]) => add(x, 1, { out: t }),
    ]) {
      const t = zeros([4]);
      let victim = zeros([0]);
      const x = sly([1, 2, 3, 4], '3', 1, () => {
        t.dispose();
        victim = zeros([4]); // in its place
      });
      expect(() => call(t, x)).toThrow(DisposedError);
      expect(victim.toArray()).toEqual([0, 0, 0, 0]);
    }
  });

  test('another argument of the call', () => {
    const t = tensor([1, 2, 3]);
    const x = sly([1, 2, 3], '2', 1, () => t.dispose());
    expect(() => add(t, x)).toThrow(DisposedError);
    const rows = tensor([[1, 2]]);
    const labels = sly([1], '0', 2, () => rows.dispose()); // the first read tells indices from rows
    expect(() => crossEntropy(rows, labels)).toThrow(DisposedError);
    const [product, left] = [new MulLayer(), tensor([1])];
    expect(() =>
      product.forward(
        left,
        sly([1], '0', 2, () => left.dispose()),
      ),
    ).toThrow(DisposedError);
  });
});

describe('elements are read once, before the call begins', () => {
  test('a layer that is disposed, or runs again, while its input is read', () => {
    const layer = new ReLU();
    let inner = zeros([0]);
    const again = sly([1, 2, 3], '2', 1, () => {
      inner = layer.forward([7, 8, 9]);
    });
    expect(layer.forward(again).toArray()).toEqual([1, 2, 3]);
    expect(() => inner.toArray()).toThrow(StaleTensorError);
    const { live } = backendInfo().memory;
    expect(() => layer.forward(sly([1, -2, 3], '2', 1, () => layer.dispose()))).toThrow(DisposedError);
    expect(backendInfo().memory.live).toBeLessThan(live);
    layer.dispose();
    expect(backendInfo().memory.live).toBeGreaterThanOrEqual(0);
  });

  test('a gradient that is added to while it is read', () => {
    const p = new Parameter('p', zeros([2]));
    p.accumulate(sly([1, 2], '1', 1, () => p.accumulate([10, 20])));
    expect(p.grad?.toArray()).toEqual([11, 22]);
  });

  test('what the elements make is theirs, in accuracy too', () => {
    let made = zeros([0]);
    const rows = sly([1, 2], '1', 1, () => {
      made = zeros([3]);
    });
    expect(accuracy([rows], [1])).toBe(1);
    expect(made.toArray()).toEqual([0, 0, 0]);
  });

  test('as many labels and indices as were counted at first', () => {
    const shrinking = (values: number[]): number[] => {
      let reads = 0;
      return new Proxy(values, {
        get: (target, name) => (name === 'length' && ++reads > 1 ? 1 : Reflect.get(target, name)),
      });
    };
    const rows = [
      [10, 0],
      [0, 10],
    ];
    crossEntropy(rows, [0, 0]); // what the next call would find in place of the second label
    expect(crossEntropy(rows, shrinking([0, 1]))).toBeCloseTo(4.5e-5, 6);
  });

  test('and given only once, so that no tensor keeps them by its shape', () => {
    for (const nested of [[[1, 2]], [[3], [4]]]) {
      const shape = shapeOfNested(nested, 'test', 'x');
      const other = shapeOfNested([5], 'test', 'y');
      expect([...takeValues(shape)]).toEqual(nested.flat());
      expect([...takeValues(other)]).toEqual([5]);
      for (const again of [shape, other]) expect(takeValues(again)).toBeUndefined();
    }
  });

  test('ragged arrays are ragged, however large the first row makes them look', () => {
    const ragged = [new Float32Array(40_000), ...Array.from({ length: 30_000 }, () => [0])];
    expect(() => tensor(ragged)).toThrow('data[1] has 1 elements where its neighbours have 40000 (ragged)');
    // More than the values that any array can have.
    expect(() => tensor(new Array(10_000).fill(ragged))).toThrow('data[0][1] has 1 elements');
  });

  test('and each only once', () => {
    const reads: string[] = [];
    const x = new Proxy([1, 2, 3], {
      get(target, name) {
        reads.push(String(name));
        return Reflect.get(target, name);
      },
    });
    expect(tensor(x).toArray()).toEqual([1, 2, 3]);
    expect(reads.filter((name) => name === '1' || name === '2')).toEqual(['1', '2']);
  });
});

describe('typed arrays that are not what they say', () => {
  /** A length that is true the first time, when it may be checked. */
  class Short extends Float32Array {
    reads = 0;
    override get length(): number {
      return this.reads++ === 0 ? super.length : 1;
    }
  }
  const neighbours = (): ReturnType<typeof zeros>[] => Array.from({ length: 8 }, () => zeros([64]));
  const clean = (tensors: ReturnType<typeof zeros>[]): boolean =>
    tensors.every((t) => t.toTypedArray().every((value) => value === 0));

  test('a length of its own', () => {
    const around = neighbours();
    const long = (): Short => {
      const values = new Short(new ArrayBuffer(4000));
      new Float32Array(values.buffer).fill(3);
      values.reads = 0;
      return values;
    };
    expect(tensor(long()).size).toBe(1000);
    expect(tensor([long()]).shape).toEqual([1, 1000]);
    expect(add(long(), 1).size).toBe(1000);
    expect(() => around[0]!.set(long())).toThrow(ShapeError);
    expect(() => relu([1], { out: long() })).toThrow(ShapeError);
    const [two, c] = [new Float32Array([2]), new Float32Array(1)];
    expect(sgemm(1, 1, 1, long(), two, c, { alpha: 1 })[0]).toBe(6);
    class Wrong extends Float32Array {
      override get length(): number {
        return 3;
      }
    }
    const identity = new Float32Array([1, 0, 0, 1]);
    const d = new Wrong(4);
    expect(sgemm(2, 2, 2, identity, new Float32Array([1, 2, 3, 4]), d, { alpha: 2 })).toBe(d);
    expect(new Float32Array(d.buffer)).toEqual(new Float32Array([2, 4, 6, 8]));
    expect(clean(around)).toBe(true);
  });

  test('in an option of sgemm', () => {
    const c = new Float32Array(4);
    const ones = new Float32Array(4).fill(1);
    const options = {
      get ldc(): number {
        zeros([2 ** 25]); // where it has to make the memory grow, that detaches views of it
        return 2;
      },
    };
    setDebug({ detachViews: true });
    expect(() => sgemm(2, 2, 2, tensor([1, 1, 1, 1]).data, ones, c, options)).toThrow(
      'sgemm: expected numbers, got a Float32Array that is detached',
    );
    expect([...c]).toEqual([0, 0, 0, 0]);
  });

  test('in sgemm, too large for its scratch', () => {
    const [a, c] = [new Float32Array(4096), new Float32Array(4096)];
    sgemm(64, 64, 64, a, a, c); // makes the scratch
    const around = Array.from({ length: 8 }, () => zeros([100_000]));
    const b = Object.defineProperty(new Float32Array(1e6).fill(5), 'length', { value: 4096 });
    sgemm(64, 64, 64, a, b, c);
    sgemm(64, 64, 64, a, b, c, { alpha: 1 });
    expect(clean(around)).toBe(true);
    for (const t of around) t.dispose();
  });

  test('in sgemm, of a view of our memory', () => {
    const [one, ...around] = neighbours();
    const c = Object.defineProperty(one!.data as Float32Array, 'length', { value: 512 });
    const ones = new Float32Array(512).fill(1);
    expect(() => sgemm(16, 32, 16, ones, ones, c)).toThrow('sgemm: expected c with at least 512 elements');
    expect(clean([one!, ...around])).toBe(true);
  });

  test('that does something when its length is asked for', () => {
    const out = zeros([4]);
    let victim = zeros([0]);
    class Acting extends Float32Array {
      reads = Number.NEGATIVE_INFINITY;
      override get length(): number {
        if (++this.reads > 0) {
          out.dispose();
          victim = zeros([4]);
        }
        return super.length;
      }
    }
    const x = Object.assign(new Acting(4), { reads: 0 });
    expect(relu(x, { out })).toBe(out);
    expect(out.disposed).toBe(false);
    expect(victim.size).toBe(0);
  });

  test('a buffer that goes, or grows, while another argument is read', () => {
    const around = neighbours();
    const out = new Float32Array(4);
    const gone = sly([1, 1, 1, 1], '0', 2, () => structuredClone(out.buffer, { transfer: [out.buffer] }));
    expect(() => relu(gone, { out })).toThrow(TypeError); // read before out is checked
    const Resizable = ArrayBuffer as unknown as new (length: number, options: object) => ArrayBuffer;
    const buffer = new Resizable(16, { maxByteLength: 4096 });
    const view = new Float32Array(buffer);
    const grown = sly([1, 1, 1, 1], '3', 1, () => (buffer as unknown as { resize(n: number): void }).resize?.(4096));
    if ('resize' in buffer) expect(() => add(view, grown)).toThrow(RangeError);
    expect(clean(around)).toBe(true);
  });

  test('another name for its kind', () => {
    class Named extends Float32Array {
      override get [Symbol.toStringTag](): 'Float32Array' {
        return 'Mine' as 'Float32Array';
      }
    }
    const out = new Named(2);
    expect(relu([1, -1], { out })).toBe(out);
    expect([...out]).toEqual([1, 0]);
    const one = new Float32Array([2]);
    expect(sgemm(1, 1, 1, one, one, new Named(1), { alpha: 2 })[0]).toBe(8);
    const double = Object.defineProperty(new Float64Array(1), Symbol.toStringTag, { value: 'Float32Array' });
    expect(() => sgemm(1, 1, 1, one, one, double as unknown as Float32Array, { alpha: 1 })).toThrow(TypeError);
  });
});

test.each([1, 2, 3])('labels of a call inside another are its own: read %i', (n) => {
  const rows = [
    [10, 0],
    [0, 10],
  ];
  const nested = () => void crossEntropy(rows, [1, 0]);
  expect(crossEntropy(sly(rows, '0', n, nested), [0, 1])).toBeCloseTo(4.5e-5, 6);
  expect(accuracy(sly(rows, '0', n, nested), [0, 1])).toBe(1);
});

test('concat reads its tensors once: others in their place are neither read nor disposed', () => {
  using large = tensor([1, 2, 3, 4, 5, 6]);
  using small = tensor([9]);
  for (const n of [2, 3]) {
    let reads = 0;
    const xs = [large, small];
    Object.defineProperty(xs, 0, { get: () => (++reads < n ? large : small) });
    expect(concat(xs).toArray()).toEqual([1, 2, 3, 4, 5, 6, 9]);
    expect(reads).toBe(1);
  }
  expect(large.disposed || small.disposed).toBe(false);
});

test('transpose counts its axes as it reads them: three for a matrix would read beyond it', () => {
  const axes = Object.assign([0, 1], { [Symbol.iterator]: () => [0, 1, 0].values() });
  expect(() => transpose(zeros([2, 3]), axes)).toThrow('transpose: expected 2 axes, got 3');
});

describe('views of our memory stay good for the call that they are given to', () => {
  test('Affine, Affine.fromLinear, accuracy', () => {
    using a = tensor([1, 2]);
    using b = tensor([3, 4]);
    using hot = tensor([0, 1]);
    setDebug({ detachViews: true });
    const layer = new Affine([a.data, b.data], a.data);
    expect(layer.W.toArray()).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(layer.b.toArray()).toEqual([1, 2]);
    const linear = Affine.fromLinear([a.data, b.data], b.data);
    expect(linear.W.toArray()).toEqual([
      [1, 3],
      [2, 4],
    ]);
    expect(linear.b.toArray()).toEqual([3, 4]);
    expect(accuracy([a.data, b.data], [hot.data, hot.data])).toBe(1);
    for (const made of [layer, linear]) made.dispose();
  });

  test('an empty one, too, which its length does not tell from one that is gone', () => {
    using empty = zeros([0]);
    using ones = tensor([1, 2]);
    setDebug({ detachViews: true });
    expect(concat([ones.data, empty.data]).toArray()).toEqual([1, 2]);
    expect(add([1], empty.data).toArray()).toEqual([]);
    const out = empty.data;
    expect(add([], [1], { out })).toBe(out);
    const layer = new MulLayer();
    expect(layer.forward([1], empty.data).toArray()).toEqual([]);
    layer.dispose();
  });

  test('and nothing of accuracy stays', () => {
    const { live } = backendInfo().memory;
    expect(accuracy([[1, 2]], [[1, 0]])).toBe(0);
    expect(backendInfo().memory.live).toBe(live);
  });
});
