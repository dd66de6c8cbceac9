import { expect, test } from 'vitest';
import type { Kernels } from '../../src/wasm/generated/kernels';
import { LENGTHS } from './lengths';
import { hardFloats } from './seeds';
import { expectSameBits, expectWithinUlp } from './ulp';
import type { Variant } from './variants';

/** The kernels (y, x, n). */
type UnaryName = {
  [K in keyof Kernels]: Parameters<Kernels[K]> extends [y: number, x: number, n: number] ? K : never;
}[keyof Kernels] &
  `${string}_forward`;
type Unary = (y: number, x: number, n: number) => void;
type Binary = (dx: number, dout: number, y: number, n: number) => void;

/** What every elementwise kernel y = f(x) must do, for one variant. `fill` makes the inputs. */
export function unaryCases(
  { wasm, memory }: Variant,
  name: UnaryName,
  reference: (x: ArrayLike<number>) => ArrayLike<number>,
  maxUlp: number,
): void {
  const kernel: Unary = wasm[name];
  const run = (input: Float32Array): Float32Array => {
    memory.reset();
    const x = memory.put(input);
    const y = memory.out(input.length);
    kernel(y, x, input.length);
    memory.checkGuards();
    expect(memory.f32(x, input.length)).toEqual(input);
    return memory.f32(y, input.length);
  };

  test.each(LENGTHS)(`${name} is within ${maxUlp} ULP at n = %i, and touches nothing after n`, (n) => {
    const input = hardFloats(n, { seed: n });
    expectWithinUlp(run(input), reference(input), maxUlp);
  });

  test(`${name} in place gives the same bits`, () => {
    const input = hardFloats(1003, { seed: 5 });
    const apart = run(input);
    memory.reset();
    const x = memory.put(input);
    kernel(x, x, 1003);
    expectSameBits(memory.f32(x, 1003), apart);
  });

  test(`${name} gives the same bits wherever a range is cut`, () => {
    const input = hardFloats(64, { seed: 6 });
    const whole = run(input);
    for (let cut = 0; cut <= 17; cut++) {
      expectSameBits([...run(input.subarray(0, cut)), ...run(input.subarray(cut))], whole);
    }
  });
}

/** What every backward kernel dx = dout · f'(y) must do, for one variant; y spans `y`. */
export function backwardCases(
  { wasm, memory }: Variant,
  name: 'sigmoid_backward',
  reference: (dout: ArrayLike<number>, y: ArrayLike<number>) => ArrayLike<number>,
  outputs: (n: number) => Float32Array,
  maxUlp: number,
): void {
  const kernel: Binary = wasm[name];
  const run = (incoming: Float32Array, output: Float32Array): Float32Array => {
    memory.reset();
    const dout = memory.put(incoming);
    const y = memory.put(output);
    const dx = memory.out(output.length);
    kernel(dx, dout, y, output.length);
    memory.checkGuards();
    expect(memory.f32(dout, output.length)).toEqual(incoming);
    expect(memory.f32(y, output.length)).toEqual(output);
    return memory.f32(dx, output.length);
  };

  test.each(LENGTHS)(`${name} is within ${maxUlp} ULP at n = %i, and touches nothing after n`, (n) => {
    const dout = hardFloats(n, { seed: n });
    const y = outputs(n);
    expectWithinUlp(run(dout, y), reference(dout, y), maxUlp);
  });

  test(`${name} in place of dout, or of y, gives the same bits`, () => {
    const incoming = hardFloats(1003, { seed: 8 });
    const output = outputs(1003);
    const apart = run(incoming, output);
    for (const place of [0, 1]) {
      memory.reset();
      const at = [memory.put(incoming), memory.put(output)] as const;
      kernel(at[place]!, at[0], at[1], 1003);
      expectSameBits(memory.f32(at[place]!, 1003), apart);
    }
  });

  test(`${name} gives the same bits wherever a range is cut`, () => {
    const dout = hardFloats(64, { seed: 6 });
    const y = outputs(64);
    const whole = run(dout, y);
    for (let cut = 0; cut <= 17; cut++) {
      const parts = [...run(dout.subarray(0, cut), y.subarray(0, cut)), ...run(dout.subarray(cut), y.subarray(cut))];
      expectSameBits(parts, whole);
    }
  });
}
