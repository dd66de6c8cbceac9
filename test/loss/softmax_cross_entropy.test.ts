import { describe, expect, test } from 'vitest';
import { logSoftmax } from '../reference/log_softmax';
import { softmax } from '../reference/softmax';
import * as reference from '../reference/softmax_cross_entropy';
import { expectGradient } from '../support/gradient';
import { COLS, logits, poisonedRows } from '../support/rows';
import { generator, normal } from '../support/seeds';
import { expectSameBits, expectWithinUlp } from '../support/ulp';
import { variants } from '../support/variants';

const ROWS = 13;
/** Rows whose losses the kernels add. */
const GROUP = 8;

function randomLabels(rows: number, cols: number): Int32Array {
  const next = generator(rows * 31 + cols);
  return Int32Array.from({ length: rows }, () => Math.floor(next() * cols));
}

function oneHot(labels: Int32Array, cols: number): Float32Array {
  const t = new Float32Array(labels.length * cols);
  for (const [r, label] of labels.entries()) t[r * cols + label] = 1;
  return t;
}

/** Soft labels with zeros among them; rows need not sum to 1. */
function softLabels(rows: number, cols: number): Float32Array {
  const next = generator(rows + cols);
  return Float32Array.from({ length: rows * cols }, () => Math.max(0, next() - 0.3));
}

describe.each(variants)('softmax_cross_entropy, %s', (_name, { wasm, memory }) => {
  const run = (input: Float32Array, target: Int32Array | Float32Array, cols: number) => {
    const rows = input.length / cols;
    memory.reset();
    const x = memory.put(input);
    const t = memory.put(target);
    const y = memory.out(rows * cols);
    const groups = Math.ceil(rows / GROUP);
    const losses = memory.alloc(groups * 8);
    const dense = target instanceof Float32Array;
    if (dense) wasm.softmax_cross_entropy_forward_dense(y, losses, x, t, rows, cols);
    else wasm.softmax_cross_entropy_forward(y, losses, x, t, rows, cols);
    memory.checkGuards();
    expect(memory.f32(x, rows * cols)).toEqual(input);
    return { y: memory.f32(y, rows * cols), losses: memory.f64(losses, groups) };
  };

  /** `slack`: what of the error does not depend on the loss itself. */
  const expectLosses = (got: Float64Array, byRow: Float64Array, slack: number) => {
    const exact = Array.from(got, (_, g) => byRow.subarray(g * GROUP, (g + 1) * GROUP).reduce((a, b) => a + b));
    got.forEach((loss, g) => {
      if (!Number.isFinite(exact[g]!)) expect(loss).toBe(exact[g]);
      else
        expect(Math.abs(loss - exact[g]!), `group ${g}: ${loss}, exact ${exact[g]}`).toBeLessThan(
          1e-12 * (slack + exact[g]!),
        );
    });
  };

  test.each(COLS)('losses have an error ≤ 1e-12 in rows of %i', (cols) => {
    const input = logits(ROWS, cols, { seed: cols });
    const labels = randomLabels(ROWS, cols);
    const { losses } = run(input, labels, cols);
    expectLosses(losses, reference.softmaxCrossEntropy(input, labels, cols), 1);
    expect(losses.every((loss) => loss >= 0)).toBe(true);
  });

  test.each(COLS)('dense losses have an error ≤ 1e-12 in rows of %i, where t = 0 counts 0', (cols) => {
    const input = logits(ROWS, cols, { seed: cols });
    const t = softLabels(ROWS, cols);
    const { losses } = run(input, t, cols);
    expectLosses(losses, reference.softmaxCrossEntropyDense(input, t, cols), GROUP * (1 + cols));
  });

  test.each(COLS)('y is softmax(x) within 2 ULP in rows of %i', (cols) => {
    const input = logits(ROWS, cols, { seed: cols });
    const labels = randomLabels(ROWS, cols);
    const exact = softmax(input, cols);
    expectWithinUlp(run(input, labels, cols).y, exact, 2);
    expectWithinUlp(run(input, oneHot(labels, cols), cols).y, exact, 2);
  });

  test.each(COLS)('one-hot rows of %i give the losses and the y of their labels', (cols) => {
    const input = logits(ROWS, cols, { seed: cols });
    const labels = randomLabels(ROWS, cols);
    const sparse = run(input, labels, cols);
    const dense = run(input, oneHot(labels, cols), cols);
    expectSameBits(dense.y, sparse.y);
    expectSameBits(dense.losses, sparse.losses);
  });

  test.each(COLS)(
    'dense losses of %i where rows of weight 1 share a logarithm with others, and with rows of zeros',
    (cols) => {
      const input = logits(ROWS, cols, { seed: cols });
      const t = softLabels(ROWS, cols);
      t.set(oneHot(randomLabels(5, cols), cols), 2 * cols);
      t.fill(0, 4 * cols, 5 * cols);
      const { losses } = run(input, t, cols);
      expectLosses(losses, reference.softmaxCrossEntropyDense(input, t, cols), GROUP * (1 + cols));
    },
  );

  test.each(COLS)(
    'a row of %i has the same bits in any company, a group of losses in any other, and in place',
    (cols) => {
      const rows = 2 * GROUP + 3;
      const input = logits(rows, cols, { seed: 2 });
      const labels = randomLabels(rows, cols);
      const part = (from: number, to: number) =>
        run(input.subarray(from * cols, to * cols), labels.subarray(from, to), cols);
      const whole = run(input, labels, cols);
      for (let r = 0; r < rows; r++) expectSameBits(part(r, r + 1).y, whole.y.subarray(r * cols, (r + 1) * cols));
      const groups = [part(0, GROUP), part(GROUP, 2 * GROUP), part(2 * GROUP, rows)];
      expectSameBits(
        groups.flatMap(({ losses }) => [...losses]),
        whole.losses,
      );

      for (const target of [labels, softLabels(rows, cols)]) {
        const apart = run(input, target, cols);
        memory.reset();
        const [x, losses, t] = [memory.put(input), memory.alloc(3 * 8), memory.put(target)];
        if (target === labels) wasm.softmax_cross_entropy_forward(x, losses, x, t, rows, cols);
        else wasm.softmax_cross_entropy_forward_dense(x, losses, x, t, rows, cols);
        expectSameBits(memory.f32(x, rows * cols), apart.y);
        expectSameBits(memory.f64(losses, 3), apart.losses);
      }
    },
  );

  test.each(COLS)(
    'NaN, +Inf and nothing but -Inf spoil their own row of %i and the loss of their group only',
    (cols) => {
      const input = logits(2 * GROUP, cols, { seed: 2 });
      input.set(poisonedRows(cols));
      const labels = randomLabels(2 * GROUP, cols);
      for (const target of [labels, oneHot(labels, cols)]) {
        const step = target.length / labels.length;
        const { y, losses } = run(input, target, cols);
        expect([...losses].map(Number.isNaN)).toEqual([true, false]);
        for (let r = 0; r < 5; r++) {
          const poisoned = r > 0 && r < 4;
          expect(y.subarray(r * cols, (r + 1) * cols).every(Number.isNaN)).toBe(poisoned);
          const row = input.subarray(r * cols, (r + 1) * cols);
          const alone = run(row, target.subarray(r * step, (r + 1) * step), cols);
          expect(Number.isNaN(alone.losses[0])).toBe(poisoned);
        }
      }
    },
  );

  test('the loss is true where y = 0, and 0 where y = 1', () => {
    expect([...run(Float32Array.of(1000, 0), Int32Array.of(1), 2).losses]).toEqual([1000]);
    expect([...run(Float32Array.of(1000, 0), Int32Array.of(0), 2).losses]).toEqual([0]);
    expect([...run(Float32Array.of(1000, 0, 1000, 0), Int32Array.of(1, 0), 2).losses]).toEqual([1000]);
    expect([...run(Float32Array.of(-Infinity, 0), Int32Array.of(0), 2).losses]).toEqual([Infinity]);
    expect([...run(Float32Array.of(-Infinity, 0), Float32Array.of(0, 1), 2).losses]).toEqual([0]);
    expect([...run(Float32Array.of(NaN, 0), Float32Array.of(0, -0), 2).losses]).toEqual([0]);
    expect([...run(Float32Array.of(NaN, 1, 1), Float32Array.of(0, 1, -1), 3).losses]).toEqual([NaN]);
  });

  test('a group of rows of very many equal logits does not overflow', () => {
    const cols = 10_000;
    const { losses } = run(new Float32Array(GROUP * cols), new Int32Array(GROUP), cols);
    expect(losses[0]! / (GROUP * Math.log(cols))).toBeCloseTo(1, 12);
  });

  test('the loss is smooth enough for a numerical gradient with h = 1e-4', () => {
    const input = normal(10, { seed: 4 });
    const { y } = run(input, Int32Array.of(3), 10);
    for (let j = 0; j < 10; j++) {
      const [up, down] = [1e-4, -1e-4].map((h) => input.map((v, i) => (i === j ? v + h : v)));
      const difference = run(up!, Int32Array.of(3), 10).losses[0]! - run(down!, Int32Array.of(3), 10).losses[0]!;
      expect(Math.abs(difference / (up![j]! - down![j]!) - (y[j]! - (j === 3 ? 1 : 0)))).toBeLessThan(1e-7);
    }
  });

  // The difference and the product: two roundings.
  test.each(COLS)('backward is within 2 ULP in rows of %i, in place too, and touches nothing after', (cols) => {
    const probabilities = Float32Array.from(softmax(logits(ROWS, cols, { seed: 1 }), cols));
    const scale = Math.fround(1 / 13);
    const labels = randomLabels(ROWS, cols);
    memory.reset();
    const y = memory.put(probabilities);
    const t = memory.put(labels);
    const dx = memory.out(ROWS * cols);
    wasm.softmax_cross_entropy_backward(dx, y, t, ROWS, cols, scale);
    const got = memory.f32(dx, ROWS * cols);
    expectWithinUlp(got, reference.softmaxCrossEntropyBackward(probabilities, labels, cols, scale), 2);
    expect(memory.f32(y, ROWS * cols)).toEqual(probabilities);
    wasm.softmax_cross_entropy_backward(y, y, t, ROWS, cols, scale);
    expectSameBits(memory.f32(y, ROWS * cols), got);
    memory.checkGuards();
  });

  test.each(COLS)('dense backward is within 2 ULP in rows of %i, in place too, and touches nothing after', (cols) => {
    const probabilities = Float32Array.from(softmax(logits(ROWS, cols, { seed: 1 }), cols));
    const scale = Math.fround(1 / 13);
    const target = softLabels(ROWS, cols);
    memory.reset();
    const y = memory.put(probabilities);
    const t = memory.put(target);
    const dx = memory.out(ROWS * cols);
    wasm.softmax_cross_entropy_backward_dense(dx, y, t, ROWS, cols, scale);
    const got = memory.f32(dx, ROWS * cols);
    expectWithinUlp(got, reference.softmaxCrossEntropyBackwardDense(probabilities, target, scale), 2);
    expect(memory.f32(y, ROWS * cols)).toEqual(probabilities);
    wasm.softmax_cross_entropy_backward_dense(t, y, t, ROWS, cols, scale);
    expectSameBits(memory.f32(t, ROWS * cols), got);
    memory.checkGuards();
    new Float32Array(memory.memory.buffer).set(target, t / 4);
    wasm.softmax_cross_entropy_backward_dense(y, y, t, ROWS, cols, scale);
    expectSameBits(memory.f32(y, ROWS * cols), got);
    memory.checkGuards();
  });

  test.each(COLS)('dense loss of a row of %i whose only weight, not 1, stands in any one place', (cols) => {
    const input = logits(1, cols, { seed: cols });
    const logY = logSoftmax(input, cols);
    memory.reset();
    const [x, t, y] = [memory.put(input), memory.put(new Float32Array(cols)), memory.out(cols)];
    const losses = memory.alloc(8);
    const weights = new Float32Array(memory.memory.buffer, t, cols);
    for (let at = 0; at < cols; at++) {
      weights[at] = 0.5;
      wasm.softmax_cross_entropy_forward_dense(y, losses, x, t, 1, cols);
      expectLosses(memory.f64(losses, 1), Float64Array.of(-0.5 * logY[at]!), 1 + cols);
      weights[at] = 0;
    }
    memory.checkGuards();
    expect(memory.f32(x, cols)).toEqual(input);
  });

  test.each(COLS)('nothing behind the last row of %i is read: it may end with the memory', (cols) => {
    const input = logits(3, cols, { seed: 2 });
    const rows = new Float32Array(3 * cols).fill(1 / cols);
    for (const target of [new Int32Array(3), rows]) {
      const expected = run(input, target, cols).y;
      memory.reset();
      const [x, t, y, losses] = [memory.put(input), memory.put(target), memory.out(3 * cols), memory.alloc(8)];
      const view = new Float32Array(memory.memory.buffer);
      const kernel = target === rows ? 'softmax_cross_entropy_forward_dense' : 'softmax_cross_entropy_forward';
      view.set(input, view.length - input.length);
      wasm[kernel](y, losses, view.byteLength - input.byteLength, t, 3, cols);
      expectSameBits(memory.f32(y, 3 * cols), expected);
      if (target !== rows) continue;
      view.set(rows, view.length - rows.length);
      wasm[kernel](y, losses, x, view.byteLength - rows.byteLength, 3, cols);
      expectSameBits(memory.f32(y, 3 * cols), expected);
    }
  });
});

test('softmax_cross_entropy: the reference gradients equal central differences', () => {
  const x = Float64Array.from(normal(20, { seed: 1 }));
  const labels = Int32Array.of(4, 0, 2, 1);
  const t = Float64Array.from(softmax(normal(20, { seed: 2 }), 5));
  // Each row has its own dout, so the scale differs by row.
  const byRow = (dout: Float64Array, dx: Float64Array) => dx.map((v, i) => v * dout[Math.floor(i / 5)]!);
  expectGradient(
    (at) => reference.softmaxCrossEntropy(at, labels, 5),
    (dout, at) => byRow(dout, reference.softmaxCrossEntropyBackward(softmax(at, 5), labels, 5, 1)),
    x,
  );
  expectGradient(
    (at) => reference.softmaxCrossEntropyDense(at, t, 5),
    (dout, at) => byRow(dout, reference.softmaxCrossEntropyBackwardDense(softmax(at, 5), t, 1)),
    x,
  );
});
