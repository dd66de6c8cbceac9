import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { backendInfo, ReLU, relu, Sequential, SoftmaxWithLoss, sgemm, tensor, tidy, zeros } from '../src/index';

/** What another realm makes: a frame of the page, or Node's vm, in which Jest runs tests. */
const foreign = <T>(code: string): T => runInNewContext(code) as T;

describe('arrays and objects of another realm', () => {
  const Floats = foreign<Float32ArrayConstructor>('Float32Array');

  test('are operands and labels', () => {
    expect(tensor(new Floats([1, 2])).toArray()).toEqual([1, 2]);
    expect(tensor(foreign<number[][]>('[[1, 2], [3, 4]]')).shape).toEqual([2, 2]);
    expect(zeros(foreign<number[]>('[2, 3]')).shape).toEqual([2, 3]);
    const labels = foreign<Int32Array>('Int32Array.of(0, 1)');
    expect(new SoftmaxWithLoss().forward(zeros([2, 4]), labels)).toBeCloseTo(Math.log(4), 6);
  });

  test('take results', () => {
    const out = new Floats(2);
    expect(relu([-1, 2], { out })).toBe(out);
    expect([...out]).toEqual([0, 2]);
    const c = new Floats(1);
    expect(sgemm(1, 1, 2, new Floats([1, 2]), new Floats([3, 4]), c)).toBe(c);
    expect(c[0]).toBe(11);
  });

  test('a view of a tensor made by another realm is found again when the memory grows', () => {
    using t = zeros([4]);
    const view = new Floats(t.data.buffer, t.data.byteOffset, 4);
    const length = t.data.buffer.byteLength / 4;
    using large = relu(new Float32Array(length)); // makes the memory grow
    expect(large.shape).toEqual([length]);
    expect(view.length).toBe(0);
    const again = new Floats(t.data.buffer, t.data.byteOffset, 4);
    const result = relu(new Float32Array(4).fill(7), { out: again });
    expect([...result]).toEqual([7, 7, 7, 7]);
    expect(t.toArray()).toEqual([7, 7, 7, 7]);
  });

  test('are records: of layers, and of what tidy returns', () => {
    const wrap = foreign<<T>(x: T) => { a: T }>('x => ({ a: x })');
    const net = new Sequential(wrap(new ReLU()));
    expect(net.predict([-1, 1]).toArray()).toEqual([0, 1]);
    using kept = tidy(() => wrap(tensor([5]))).a;
    expect(kept.toArray()).toEqual([5]);
    expect(() => new Sequential(foreign<[]>('new Map()'))).toThrow('expected an array or a record of layers');
  });

  test('are refused as those of this one, before anything is allocated', () => {
    const { live } = backendInfo().memory;
    const big = foreign<Float32Array>('new BigInt64Array(1024)');
    for (const call of [() => tensor(big), () => relu(big), () => new SoftmaxWithLoss().forward([big], [0])]) {
      expect(call).toThrow('expected numbers, got a BigInt64Array: use Int32Array.from(x, Number)');
    }
    const view = foreign<Float32Array>('new DataView(new ArrayBuffer(8))');
    for (const call of [() => tensor(view), () => relu(view), () => zeros(view), () => zeros([4]).copyTo(view)]) {
      expect(call).toThrow(TypeError);
    }
    expect(backendInfo().memory.live - live).toBeLessThanOrEqual(64);
  });
});
