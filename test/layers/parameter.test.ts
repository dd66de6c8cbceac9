import { describe, expect, test } from 'vitest';
import {
  Affine,
  DisposedError,
  ones,
  Parameter,
  SGD,
  ShapeError,
  StaleTensorError,
  tensor,
  zeros,
} from '../../src/index';
import { expectError, live } from '../support/facade';

describe('Parameter', () => {
  test('name, value and grad', () => {
    const value = tensor([1, 2]);
    const p = new Parameter('gamma', value);
    expect(p.name).toBe('gamma');
    expect(p.value).toBe(value);
    expect(p.grad).toBeNull();
    for (const key of ['name', 'grad', 'value']) {
      expect(() => {
        (p as unknown as Record<string, unknown>)[key] = null;
      }).toThrow(TypeError);
    }
  });

  test('as JSON it is its value', () => {
    expect(JSON.stringify([new Parameter('p', tensor([[1], [2]]))])).toBe('[[[1],[2]]]');
  });

  test('deep equality, as of `toEqual`, does not take one for another', () => {
    expect(new Parameter('W', tensor([1]))).not.toEqual(new Parameter('W', tensor([2])));
  });

  test('accumulate adds to nothing, then to the gradient; zeroGrad clears', () => {
    const p = new Parameter('p', zeros([2]));
    p.zeroGrad();
    expect(p.grad).toBeNull();
    p.accumulate([1, 2]);
    const first = p.grad!;
    expect(first.toArray()).toEqual([1, 2]);
    p.accumulate(tensor([10, 20]));
    expect(p.grad!.toArray()).toEqual([11, 22]);
    expectError(
      () => first.data,
      StaleTensorError,
      'Tensor.data: this output of dp.backward was overwritten by a later backward(); clone() what you keep',
    );
    p.accumulate(p.grad!);
    expect(p.grad!.toArray()).toEqual([22, 44]);
    p.accumulate(p.grad!.data);
    expect(p.grad!.toArray()).toEqual([44, 88]);
    p.zeroGrad();
    expect(p.grad!.toArray()).toEqual([0, 0]);
  });

  test('zeroGrad overwrites: older handles are stale, and a layer that was given one is told', () => {
    const p = new Parameter('p', zeros([2]));
    const layer = new Affine(ones([1, 1]), [0]);
    p.accumulate([1, 2]);
    const old = p.grad!;
    layer.forward(old.reshape([2, 1]));
    p.zeroGrad();
    expectError(() => old.data, StaleTensorError, 'Tensor.data: this output of dp.backward was overwritten');
    expectError(() => layer.backward([[1], [1]]), StaleTensorError, 'Affine.backward: x of Affine.forward: ');
  });

  test('accumulate takes a copy, and checks the shape', () => {
    const p = new Parameter('p', zeros([2]));
    const g = tensor([1, 2]);
    p.accumulate(g);
    g.set([5, 5]);
    expect(p.grad!.toArray()).toEqual([1, 2]);
    expectError(() => p.accumulate([1]), ShapeError, 'Parameter.accumulate: expected g of shape [2], got [1]');
    expectError(() => p.accumulate([[1, 2]]), ShapeError, 'Parameter.accumulate: expected g of shape [2], got [1, 2]');
    expectError(() => p.accumulate('g' as never), TypeError, 'Parameter.accumulate: expected g to be a Tensor');
    g.dispose();
    expectError(() => p.accumulate(g), DisposedError, 'Parameter.accumulate: g: this tensor was disposed');
    expect(p.grad!.toArray()).toEqual([1, 2]);
  });

  test('accumulate leaves nothing of arrays, and does not add to a gradient that was disposed', () => {
    const before = live();
    const p = new Parameter('p', zeros([2]));
    for (let i = 0; i < 3; i++) p.accumulate([1, 2]);
    expect(live()).toBe(before + 8 + 8);
    p.grad!.dispose();
    expectError(() => p.accumulate([1, 2]), DisposedError, 'Parameter.accumulate: this tensor was disposed');
  });

  test('dispose: of what it holds, and of the value with the last that holds it; again does nothing', () => {
    const before = live();
    const value = zeros([2]);
    const [p, q] = [new Parameter('p', value), new Parameter('q', value)];
    p.accumulate([1, 2]);
    const { grad } = p;
    p.dispose();
    p.dispose();
    expect([p.grad, grad!.disposed, value.disposed]).toEqual([null, true, false]);
    q.dispose();
    expect(value.disposed).toBe(true);
    expect(live()).toBe(before);
    expectError(() => p.accumulate([1, 2]), DisposedError, 'dp.backward: this layer was disposed');
  });

  test('dispose of what layers use: they can no longer, and their own dispose does nothing more', () => {
    const before = live();
    const layer = new Affine([[2]], [0]);
    const twin = layer.share();
    const [W, b] = layer.parameters() as [Parameter, Parameter];
    const other = new Parameter('other', b.value);
    for (const parameter of [W, b]) parameter.dispose();
    expect(W.value.disposed).toBe(true);
    W.dispose();
    expectError(() => twin.forward([[1]]), DisposedError, 'Affine.forward: W: this tensor was disposed');
    layer.dispose();
    twin.dispose();
    expect(other.value.toArray()).toEqual([0]);
    other.dispose();
    expect(live()).toBe(before);
  });

  test('wants a name and a tensor that can be read', () => {
    expectError(
      () => new Parameter(5 as never, zeros([1])),
      TypeError,
      'Parameter: expected name to be a string, got 5',
    );
    expectError(
      () => new Parameter('p', [1] as never),
      TypeError,
      'Parameter: expected value to be a Tensor, got an array',
    );
    const gone = zeros([1]);
    gone.dispose();
    expectError(() => new Parameter('p', gone), DisposedError, 'Parameter: this tensor was disposed');
  });

  test('a gradient handle is the newest one, and turns stale with the next backward', () => {
    const before = live();
    const layer = new Affine([[1]], [0]);
    const [W] = layer.parameters();
    layer.forward([[2]]);
    layer.backward([[1]]);
    const old = W.grad!;
    expect(old).toBe(layer.dW);
    layer.forward([[3]]);
    layer.backward([[1]]);
    expect(W.grad).not.toBe(old);
    expect(W.grad!.toArray()).toEqual([[3]]);
    expectError(() => old.data, StaleTensorError, 'Tensor.data: this output of dW.backward was overwritten');
    layer.dispose();
    expect(W.grad).toBeNull();
    expect(live()).toBe(before);
  });

  test('a gradient that the user disposed is told by the optimizer', () => {
    const layer = new Affine([[1]], [0]);
    layer.forward([[2]]);
    layer.backward([[1]]);
    const optimizer = new SGD(layer.parameters(), { learningRate: 1 });
    layer.db!.dispose();
    expectError(() => optimizer.step(), DisposedError, 'SGD.step: db: this tensor was disposed');
    expect(layer.W.toArray()).toEqual([[1]]);
  });
});
