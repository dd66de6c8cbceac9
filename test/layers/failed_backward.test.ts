import { expect, test } from 'vitest';
import { Affine, MulLayer, OutOfMemoryError, ReLU, Sequential, Sigmoid } from '../../src/index';
import { expectError, live, normalTensor, random } from '../support/facade';
import { memoryEnds } from '../support/out_of_memory';
import { expectSameBits } from '../support/ulp';

/** After a first backward, one over more rows, whose n-th allocation fails; then, memory being free again, once more. */
function gradients(inputGrad: boolean, n: number) {
  const rng = random();
  const inner = new Sequential([Affine.init(5, 6, { rng }), new Sigmoid()]);
  const net = new Sequential([Affine.init(4, 5, { rng }), new ReLU(), inner, Affine.init(6, 3, { rng })]);
  const grads = () => net.parameters().map((parameter) => parameter.grad?.toTypedArray());
  const step = (rows: number) => {
    const x = normalTensor([rows, 4]);
    const dout = net.forward(x).clone();
    return { x, dout, backward: () => net.backward(dout, { accumulate: true, inputGrad }) };
  };
  const first = step(2);
  first.backward();
  const second = step(9);
  const before = grads();
  const spy = memoryEnds('reserve', n);
  let failed = false;
  try {
    second.backward();
  } catch (error) {
    expect(error).toBeInstanceOf(OutOfMemoryError);
    failed = true;
  } finally {
    spy.mockRestore();
  }
  if (failed) {
    expect(grads()).toEqual(before);
    second.backward();
  }
  const after = grads();
  for (const { x, dout } of [first, second]) {
    x.dispose();
    dout.dispose();
  }
  net.dispose();
  return { failed, after };
}

test.each([true, false])(
  'a backward for which memory ends can be repeated: no layer has run, inputGrad %s',
  (inputGrad) => {
    const before = live();
    const { after: wanted } = gradients(inputGrad, 0);
    let failures = 0;
    for (let n = 1; ; n++, failures++) {
      const { failed, after } = gradients(inputGrad, n);
      for (const [i, values] of after.entries()) expectSameBits(values!, wanted[i]!);
      if (!failed) break;
    }
    // The gradients of the inputs: of three Affine layers and two activations, but for the network's own.
    expect(failures).toBe(inputGrad ? 5 : 4);
    expect(live()).toBe(before);
  },
);

test.each([true, false])(
  'a backward of MulLayer for which memory ends leaves the gradients before it, and can be repeated; x broadcasts: %s',
  (first) => {
    const narrow = [1, 2];
    for (let fail = 1; fail <= 2; fail++) {
      const layer = new MulLayer();
      const backward = (rows: number) => {
        const wide = Array.from({ length: rows }, () => [3, 4]);
        if (first) layer.forward(narrow, wide);
        else layer.forward(wide, narrow);
        const dout = normalTensor([rows, 2]);
        return () => layer.backward(dout);
      };
      const before = backward(2)();
      const values = before.map((d) => d.toTypedArray());
      const again = backward(9);
      const spy = memoryEnds('reserve', fail);
      expectError(again, OutOfMemoryError, 'test');
      spy.mockRestore();
      expect(before.map((d) => d.toTypedArray())).toEqual(values);
      expect(again().map(({ shape }) => shape)).toEqual(first ? [[2], [9, 2]] : [[9, 2], [2]]);
      layer.dispose();
    }
  },
);
