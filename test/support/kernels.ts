import { expect, test } from 'vitest';
import type { Kernels } from '../../src/wasm/generated/kernels';
import { LENGTHS } from './lengths';
import { COLS, logits, poisonedRows } from './rows';
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

/** A kernel (y, x, n) as a function of x, for one variant; nothing but y may change. */
export function unary({ wasm, memory }: Variant, name: UnaryName): (input: Float32Array) => Float32Array {
  const kernel: Unary = wasm[name];
  return (input) => {
    memory.reset();
    const x = memory.put(input);
    const y = memory.out(input.length);
    kernel(y, x, input.length);
    memory.checkGuards();
    expect(memory.f32(x, input.length)).toEqual(input);
    return memory.f32(y, input.length);
  };
}

/** What every elementwise kernel y = f(x) must do, for one variant. */
export function unaryCases(
  variant: Variant,
  name: UnaryName,
  reference: (x: ArrayLike<number>) => ArrayLike<number>,
  maxUlp: number,
): void {
  const { wasm, memory } = variant;
  const kernel: Unary = wasm[name];
  const run = unary(variant, name);

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
    memory.checkGuards();
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

/** What every backward kernel dx = dout · f'(y) must do, for one variant; `outputs` makes the y. */
export function backwardCases(
  { wasm, memory }: Variant,
  name: 'relu_backward' | 'sigmoid_backward',
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
      memory.checkGuards();
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

type Rowwise = (input: Float32Array, rows: number, cols: number) => Float32Array;

/** A kernel (y, x, rows, cols) as a function of x, for one variant; nothing but y may change. */
export function rowwise({ wasm, memory }: Variant, name: 'softmax_forward' | 'log_softmax_forward'): Rowwise {
  return (input, rows, cols) => {
    memory.reset();
    const x = memory.put(input);
    const y = memory.out(rows * cols);
    wasm[name](y, x, rows, cols);
    memory.checkGuards();
    expect(memory.f32(x, rows * cols)).toEqual(input);
    return memory.f32(y, rows * cols);
  };
}

/** What every kernel over rows must do beside its values, for one variant. */
export function rowwiseCases(variant: Variant, name: 'softmax_forward' | 'log_softmax_forward'): void {
  const { wasm, memory } = variant;
  const kernel = wasm[name];
  const run = rowwise(variant, name);

  test.each(COLS)('in place gives the same bits in rows of %i', (cols) => {
    const input = logits(7, cols, { seed: 2 });
    const apart = run(input, 7, cols);
    memory.reset();
    const x = memory.put(input);
    kernel(x, x, 7, cols);
    memory.checkGuards();
    expectSameBits(memory.f32(x, 7 * cols), apart);
  });

  test.each(COLS)('a row of %i has the same bits in any company', (cols) => {
    const input = logits(7, cols, { seed: 2 });
    const whole = run(input, 7, cols);
    const alone = Array.from({ length: 7 }, (_, r) => [...run(input.subarray(r * cols, (r + 1) * cols), 1, cols)]);
    expectSameBits(alone.flat(), whole);
  });

  test.each(COLS)('NaN, +Inf and nothing but -Inf spoil their own row of %i only', (cols) => {
    const got = run(poisonedRows(cols), 5, cols);
    const spoiled = Array.from({ length: 5 }, (_, r) => got.subarray(r * cols, (r + 1) * cols).every(Number.isNaN));
    expect(spoiled).toEqual([false, true, true, true, false]);
    expect([...got.subarray(0, cols), ...got.subarray(4 * cols)].some(Number.isNaN)).toBe(false);
  });

  test('no rows and empty rows touch nothing', () => {
    expect(run(new Float32Array(0), 0, 10)).toHaveLength(0);
    expect(run(new Float32Array(0), 10, 0)).toHaveLength(0);
  });

  test.each(COLS)('nothing behind the last row of %i is read: it may end with the memory', (cols) => {
    const input = logits(3, cols, { seed: 2 });
    const expected = run(input, 3, cols);
    memory.reset();
    const y = memory.out(3 * cols);
    const view = new Float32Array(memory.memory.buffer);
    view.set(input, view.length - input.length);
    kernel(y, view.byteLength - input.byteLength, 3, cols);
    expectSameBits(memory.f32(y, 3 * cols), expected);
  });
}
