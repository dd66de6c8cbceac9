import { describe, expect, test } from 'vitest';
import * as reference from '../reference/relu';
import { LENGTHS } from '../support/lengths';
import { hardFloats } from '../support/seeds';
import { expectWithinUlp } from '../support/ulp';
import { variants } from '../support/variants';

describe.each(variants)('relu, %s', (_name, { wasm, memory }) => {
  test.each(LENGTHS)('relu_forward is exact at n = %i, and touches nothing after n', (n) => {
    memory.reset();
    const input = hardFloats(n, { seed: n });
    const x = memory.put(input);
    const y = memory.out(n);
    wasm.relu_forward(y, x, n);
    expectWithinUlp(memory.f32(y, n), reference.relu(input), 0);
    memory.checkGuards();
  });

  test.each(LENGTHS)('relu_backward passes dout where y > 0 or NaN at n = %i', (n) => {
    memory.reset();
    const input = hardFloats(n, { seed: n });
    const incoming = hardFloats(n, { seed: n + 1 });
    const y = memory.put(input);
    const dout = memory.put(incoming);
    const dx = memory.out(n);
    wasm.relu_backward(dx, dout, y, n);
    expectWithinUlp(memory.f32(dx, n), reference.reluBackward(incoming, input), 0);
    expect(memory.f32(dout, n)).toEqual(incoming);
    memory.checkGuards();
  });

  test('in place gives the same values', () => {
    memory.reset();
    const input = hardFloats(1003, { seed: 5 });
    const x = memory.put(input);
    wasm.relu_forward(x, x, 1003);
    expectWithinUlp(memory.f32(x, 1003), reference.relu(input), 0);
  });
});
