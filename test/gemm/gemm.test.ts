import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ACTIVATION, type ActivationName } from '../../src/wasm/contract';
import * as reference from '../reference/gemm';
import { generator, normal } from '../support/seeds';
import { expectSameBits } from '../support/ulp';
import { type Variant, variants } from '../support/variants';

/** A sum over k of more terms is split into blocks: part of the definition of the result. */
const KC = 512;
/** Bytes that a kernel may read behind its operands. */
const BEHIND = 64;
const EPSILON = 2 ** -23;
const ACTIVATIONS = Object.keys(ACTIVATION) as ActivationName[];
const FORMS = ['nn', 'nt', 'tn', 'tt'] as const;
const MR = [2, 4, 6] as const;
type Form = (typeof FORMS)[number];

interface Case {
  form?: Form;
  m: number;
  n: number;
  k: number;
  alpha?: number;
  beta?: number;
  bias?: boolean;
  activation?: (typeof ACTIVATIONS)[number];
  /** Elements between the end of a row and the start of the next. */
  gap?: number;
  seed?: number;
  /** Rows of the register tile, or 1 for none; by default those that the package would take for the variant. */
  mr?: 1 | (typeof MR)[number];
  /** -1 for a call that has the memory to itself. */
  kept?: 0 | -1;
}

interface Operands {
  a: { data: Float32Array; ld: number };
  b: { data: Float32Array; ld: number };
  c: { data: Float32Array; ld: number };
  bias: Float32Array | undefined;
}

/** A case's operands: random, with gaps of NaN between the rows. */
function operands({ form = 'nn', m, n, k, bias = false, gap = 0, seed = 1 }: Case): Operands {
  const matrix = (rows: number, columns: number, seed: number) => {
    const ld = columns + gap;
    const data = new Float32Array(rows * ld).fill(NaN);
    const values = normal(rows * columns, { seed });
    for (let i = 0; i < rows; i++) data.set(values.subarray(i * columns, (i + 1) * columns), i * ld);
    return { data, ld };
  };
  return {
    a: form[0] === 't' ? matrix(k, m, seed) : matrix(m, k, seed),
    b: form[1] === 't' ? matrix(n, k, seed + 1) : matrix(k, n, seed + 1),
    c: matrix(m, n, seed + 2),
    bias: bias ? normal(n, { seed: seed + 3, std: 3 }) : undefined,
  };
}

/** The kernel, which is told the form by two flags between the other arguments. */
function gemm(
  wasm: Variant['wasm'],
  form: Form,
  ...[c, ldc, a, lda, b, ldb, ...rest]: [...six: Six, ...rest: Rest]
): void {
  wasm.gemm(c, ldc, a, lda, Number(form[0] === 't'), b, ldb, Number(form[1] === 't'), ...rest);
}
type Six = [number, number, number, number, number, number];
type Rest = Parameters<Variant['wasm']['gemm']> extends [...Six, number, number, ...infer R] ? R : never;

/** Copies the operands in, calls the kernel, checks the guards and the gaps in C, returns C without gaps. */
function run({ wasm, memory }: Variant, options: Case, { a, b, c, bias }: Operands): Float32Array {
  const { form = 'nn', m, n, k, alpha = 1, beta = 0, activation = 'none', mr = usual(wasm), kept = 0 } = options;
  memory.reset();
  const pa = memory.put(a.data);
  const pb = memory.put(b.data);
  const pc = memory.put(c.data);
  const pbias = bias ? memory.put(bias) : 0;
  const scratch = memory.alloc(wasm.gemm_scratch_bytes());
  const act = ACTIVATIONS.indexOf(activation);
  gemm(wasm, form, pc, c.ld, pa, a.ld, pb, b.ld, m, n, k, alpha, beta, pbias, act, scratch, mr, kept);
  memory.checkGuards();
  return withoutGaps(memory.f32(pc, m * c.ld), m, n, c.ld);
}

function usual(wasm: Variant['wasm']): number {
  return wasm.variant() === 0 ? 2 : 6;
}

function withoutGaps(data: Float32Array, m: number, n: number, ld: number): Float32Array {
  const y = new Float32Array(m * n);
  for (let i = 0; i < m; i++) {
    y.set(data.subarray(i * ld, i * ld + n), i * n);
    for (let j = n; j < ld; j++) expect(data[i * ld + j], 'an element between two rows was written').toBeNaN();
  }
  return y;
}

/** The largest error in units of 2^-23 of the magnitude (a quarter of it through a sigmoid, and 3 ULP of its own). */
function worstError(y: Float32Array, exact: ReturnType<typeof reference.gemm>, activation = 'none'): number {
  let worst = 0;
  for (let i = 0; i < y.length; i++) {
    if (Number.isNaN(exact.y[i]) !== Number.isNaN(y[i])) return Infinity;
    const own = activation === 'sigmoid' ? 3 * EPSILON * exact.y[i]! : 0;
    const error = Math.max(0, Math.abs(y[i]! - exact.y[i]!) - own);
    if (error > 0) worst = Math.max(worst, error / (EPSILON * exact.magnitude[i]!));
  }
  return worst;
}

function check(variant: Variant, options: Case): void {
  const given = operands(options);
  const { form = 'nn', ...rest } = options;
  const exact = reference.gemm({
    ...rest,
    ...given,
    transposeA: form[0] === 't',
    transposeB: form[1] === 't',
  });
  const error = worstError(run(variant, options, given), exact, options.activation);
  if (error > 4) expect.fail(`${JSON.stringify(options)}: off by ${error} units`);
}

/** The terms in the order in which few rows add them: from each quarter of a block one, then those left over. */
function fewRowsOrder(k: number): number[] {
  const length = k <= KC ? k : Math.ceil(k / Math.ceil(k / KC) / 4) * 4;
  const order = [];
  for (let from = 0; from < k; from += length) {
    const kc = Math.min(length, k - from);
    const quarter = Math.floor(kc / 4);
    for (let p = 0; p < quarter; p++)
      for (let stream = 0; stream < 4; stream++) order.push(from + p + stream * quarter);
    for (let p = 4 * quarter; p < kc; p++) order.push(from + p);
  }
  return order;
}

function identity(n: number): { data: Float32Array; ld: number } {
  const data = new Float32Array(n * n);
  for (let i = 0; i < n; i++) data[i * n + i] = 1;
  return { data, ld: n };
}

/** Every remainder of every tile: sizes around multiples of 4, 6, 8 and 16. */
const SIZES = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 16, 17, 19, 24, 25, 31, 33];
const DEPTHS = [0, 1, 2, 3, 4, 5, 7, 8, 9, 16, 33, KC - 1, KC, KC + 1, 2 * KC + 3];

describe.each(variants)('gemm, %s', (_name, variant) => {
  test('A·I = A and I·B = B, exactly', () => {
    for (const n of [1, 5, 16, 19, 50, KC + 7]) {
      const m = 13;
      const tall = operands({ m, n, k: n, seed: n });
      expectSameBits(run(variant, { m, n, k: n }, { ...tall, b: identity(n) }), tall.a.data);
      const wide = operands({ m: n, n: m, k: n, seed: n });
      expectSameBits(run(variant, { m: n, n: m, k: n }, { ...wide, a: identity(n) }), wide.b.data);
    }
  });

  test.each(FORMS)('%s is within 4 units of 2^-23·Σ|a||b| at every edge, and writes nothing else', (form) => {
    const next = generator(FORMS.indexOf(form));
    for (const m of SIZES) {
      for (const n of SIZES) {
        const k = DEPTHS[Math.floor(next() * DEPTHS.length)]!;
        const gap = Math.floor(next() * 3);
        check(variant, { form, m, n, k: m * n > 200 ? Math.min(k, 33) : k, gap, seed: 100 * m + n });
      }
    }
    for (const k of DEPTHS) check(variant, { form, m: 7, n: 21, k, gap: 1, seed: k });
  });

  test.each(['nn', 'nt', 'tn'] as const)('%s of few rows: the same', (form) => {
    const next = generator(9);
    for (const m of [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 20, 21]) {
      for (const n of [...SIZES, 70, 1365]) {
        const k = DEPTHS[Math.floor(next() * DEPTHS.length)]!;
        const gap = Math.floor(next() * 3);
        const beta = [0, 0, 1, 0.5][Math.floor(next() * 4)]!;
        const activation = ACTIVATIONS[Math.floor(next() * ACTIVATIONS.length)]!;
        const kept = next() < 0.5 ? 0 : -1;
        check(variant, { form, m, n, k, gap, beta, bias: next() < 0.5, activation, kept, mr: 1, seed: 100 * m + n });
      }
    }
    for (const k of DEPTHS) check(variant, { form, m: 7, n: 21, k, gap: 1, seed: k, mr: 1 });
  });

  test('few rows have the bits of the others with the terms in their order', () => {
    for (const [m, n, k] of [
      [1, 21, 30],
      [2, 64, KC],
      [3, 5, 3],
      [5, 70, KC + 9],
      [12, 1366, 50],
    ] as const) {
      for (const [beta, activation] of [
        [0, 'none'],
        [1, 'relu'],
        [0.5, 'sigmoid'],
      ] as const) {
        const options: Case = { m, n, k, beta, activation, bias: true };
        const given = operands(options);
        const order = fewRowsOrder(k);
        const { a, b } = operands(options);
        for (const [to, p] of order.entries()) {
          b.data.set(given.b.data.subarray(p * n, (p + 1) * n), to * n);
          for (let i = 0; i < m; i++) a.data[i * k + to] = given.a.data[i * k + p]!;
        }
        expectSameBits(run(variant, { ...options, mr: 1 }, given), run(variant, options, { ...given, a, b }));
      }
    }
  });

  test('few rows of NT have the bits of gemv_n', () => {
    const { wasm, memory } = variant;
    for (const [m, n, k] of [
      [1, 7, 20],
      [3, 21, 130],
      [5, 300, KC + 9],
      [2, 40, 5000],
    ] as const) {
      const options: Case = { form: 'nt', m, n, k, beta: 0.5, activation: 'sigmoid', bias: true, gap: 1 };
      const given = operands(options);
      const actual = run(variant, { ...options, mr: 1 }, given);
      const { a, b, c, bias } = given;
      for (let i = 0; i < m; i++) {
        memory.reset();
        const row = ({ data, ld }: { data: Float32Array; ld: number }) => memory.put(data.slice(i * ld, (i + 1) * ld));
        const [px, py, pb, pbias] = [row(a), row(c), memory.put(b.data), memory.put(bias!)];
        wasm.gemv_n(py, pb, b.ld, px, n, k, 1, 0.5, pbias, 2, memory.alloc(wasm.gemm_scratch_bytes()), 1);
        expectSameBits(actual.slice(i * n, (i + 1) * n), memory.f32(py, n));
      }
    }
  });

  test('outer products have the bits of the tiles, -0 and what follows the product included', () => {
    for (const form of ['nn', 'tn'] as const) {
      for (const m of [1, 2, 5, 40]) {
        for (const n of [15, 16, 17, 31, 32, 33, 50]) {
          for (const [alpha, beta, activation, bias] of [
            [1, 0, 'none', false],
            [1, 0, 'relu', true],
            [-0.5, 0, 'sigmoid', true],
            [3, 0, 'none', false],
            [1, 1, 'none', false],
            [0.5, 2, 'relu', true],
          ] as const) {
            const options: Case = { form, m, n, k: 1, alpha, beta, activation, bias, gap: n % 3, seed: m + n };
            const given = operands(options);
            given.a.data[0] = -0;
            given.b.data[n - 1] = NaN;
            // A second term of nothing takes another way.
            const two = operands({ ...options, k: 2 });
            const [la, lb] = [two.a.ld, two.b.ld];
            for (let i = 0; i < m; i++) {
              const x = form === 'tn' ? given.a.data[i]! : given.a.data[i * given.a.ld]!;
              two.a.data[form === 'tn' ? i : i * la] = x;
              two.a.data[form === 'tn' ? la + i : i * la + 1] = 0;
            }
            two.b.data.set(given.b.data.subarray(0, n));
            two.b.data.fill(0, lb, lb + n);
            expectSameBits(
              run(variant, options, given),
              run(variant, { ...options, k: 2 }, { ...two, c: given.c, bias: given.bias }),
            );
          }
        }
      }
    }
  });

  test('random shapes, leading dimensions, alpha, beta, bias and activation', () => {
    const size = fc.integer({ min: 0, max: 70 });
    const scale = fc.constantFrom(0, 1, -1, 0.5, 3);
    const shape = fc.record({
      form: fc.constantFrom(...FORMS),
      m: size,
      n: size,
      k: fc.oneof(size, fc.constantFrom(...DEPTHS)),
      alpha: scale,
      beta: scale,
      bias: fc.boolean(),
      activation: fc.constantFrom(...ACTIVATIONS),
      gap: fc.integer({ min: 0, max: 5 }),
      seed: fc.integer({ min: 1, max: 1000 }),
    });
    fc.assert(
      fc.property(shape, (options) => check(variant, options)),
      { numRuns: 200 },
    );
  });

  test.each([
    [100, 50, 784],
    [784, 50, 100],
    [21, 1030, 600],
    [5, 700, 513],
    [300, 17, 516],
  ])('%i × %i × %i, past the blocks of every dimension', (m, n, k) => {
    for (const form of FORMS) check(variant, { form, m, n, k, seed: 3 });
  });

  test('rows of any number have the bits that they have among many', () => {
    for (const [n, k] of [
      [64, 65],
      [8, 1100],
      [516, 513],
      [1028, 1030],
      [1030, 70],
      [2051, 7],
    ] as const) {
      for (const [alpha, beta, activation] of [
        [1, 0, 'relu'],
        [-0.5, 2, 'sigmoid'],
      ] as const) {
        const options: Case = { m: 30, n, k, alpha, beta, activation, bias: true, gap: n % 3 };
        const given = operands(options);
        const many = run(variant, options, given);
        for (let m = 1; m < 14; m++) {
          const few = { ...given, c: { ...given.c, data: given.c.data.slice(0, m * given.c.ld) } };
          expectSameBits(run(variant, { ...options, m }, few), many.slice(0, m * n));
          const a = { data: new Float32Array(k * (m + 1)).fill(NaN), ld: m + 1 };
          for (let i = 0; i < m; i++) {
            for (let p = 0; p < k; p++) a.data[p * a.ld + i] = given.a.data[i * given.a.ld + p]!;
          }
          expectSameBits(run(variant, { ...options, form: 'tn', m, kept: -1 }, { ...few, a }), many.slice(0, m * n));
        }
      }
    }
  });

  test('beta = 0 does not read C', () => {
    for (const k of [0, 3, KC + 1]) {
      const options = { m: 7, n: 9, k };
      const given = operands(options);
      const overNaN = { ...given, c: { data: new Float32Array(63).fill(NaN), ld: 9 } };
      expectSameBits(run(variant, options, overNaN), run(variant, options, given));
    }
  });

  test('k = 0 leaves beta·C, bias and activation', () => {
    const options: Case = { m: 5, n: 11, k: 0, beta: 2, bias: true, activation: 'relu' };
    const given = operands(options);
    const expected = given.c.data.map((c, i) => Math.max(0, Math.fround(2 * c + given.bias![i % 11]!)));
    expectSameBits(run(variant, options, given), expected);
    expectSameBits(run(variant, { m: 5, n: 11, k: 0 }, { ...given, bias: undefined }), new Float32Array(55));
  });

  test('the fused epilogue gives the bits of the separate steps', () => {
    const { wasm, memory } = variant;
    for (const [m, n, k] of [
      [13, 50, 37],
      [6, 16, KC + 5],
    ] as const) {
      const given = operands({ m, n, k, bias: true });
      const sum = run(variant, { m, n, k }, { ...given, bias: undefined });
      const biased = sum.map((y, i) => y + given.bias![i % n]!);
      expectSameBits(run(variant, { m, n, k }, given), biased);
      for (const activation of ['relu', 'sigmoid'] as const) {
        const fused = run(variant, { m, n, k, activation }, given);
        memory.reset();
        const y = memory.put(biased);
        wasm[`${activation}_forward`](y, y, biased.length);
        expectSameBits(fused, memory.f32(y, biased.length));
      }
    }
  });

  test('adding to C equals a product added to C, block by block', () => {
    const [m, n] = [9, 21];
    const given = operands({ m, n, k: KC });
    const product = run(variant, { m, n, k: KC }, given);
    expectSameBits(
      run(variant, { m, n, k: KC, beta: 1 }, given),
      product.map((y, i) => given.c.data[i]! + y),
    );
    expectSameBits(
      run(variant, { m, n, k: KC, alpha: 3, beta: -0.7 }, given),
      product.map((y, i) => Math.fround(Math.fround(-0.7) * given.c.data[i]!) + Math.fround(3 * y)),
    );
  });

  test.each([...FORMS.map((form) => [form, 6] as const), ['nn', 1] as const, ['nt', 1] as const, ['tn', 1] as const])(
    '%s, mr = %i: the bits of an element do not depend on where C was cut',
    (form, mr) => {
      const { wasm, memory } = variant;
      const next = generator(11);
      for (const [m, n, k] of [
        [29, 53, KC + 9],
        [16, 16, 16],
        [40, 530, 21],
        [3, 70, 40],
      ] as const) {
        for (const epilogue of [{}, { alpha: 1.5, beta: 0.3, bias: true, activation: 'sigmoid' as const }]) {
          const options: Case = { form, m, n, k, gap: 1, mr, ...epilogue };
          const given = operands(options);
          const whole = run(variant, options, given);
          const { a, b, c, bias } = given;
          memory.reset();
          const [pa, pb, pc] = [memory.put(a.data), memory.put(b.data), memory.put(c.data)];
          const pbias = bias ? memory.put(bias) : 0;
          const scratch = memory.alloc(wasm.gemm_scratch_bytes());
          // Rows and columns in random pieces, single ones among them.
          const cut = (length: number) => {
            const at = [0];
            while (at.at(-1)! < length) at.push(Math.min(length, at.at(-1)! + 1 + Math.floor(next() ** 2 * length)));
            return at;
          };
          const columns = cut(n);
          const act = ACTIVATIONS.indexOf(options.activation ?? 'none');
          for (let rows = cut(m), r = 1; r < rows.length; r++) {
            const [i, mi] = [rows[r - 1]!, rows[r]! - rows[r - 1]!];
            for (let s = 1; s < columns.length; s++) {
              const [j, nj] = [columns[s - 1]!, columns[s]! - columns[s - 1]!];
              gemm(
                wasm,
                form,
                pc + 4 * (i * c.ld + j),
                c.ld,
                pa + 4 * (form[0] === 't' ? i : i * a.ld),
                a.ld,
                pb + 4 * (form[1] === 't' ? j * b.ld : j),
                b.ld,
                mi,
                nj,
                k,
                options.alpha ?? 1,
                options.beta ?? 0,
                pbias && pbias + 4 * j,
                act,
                scratch,
                mr,
                0,
              );
            }
          }
          memory.checkGuards();
          expectSameBits(withoutGaps(memory.f32(pc, m * c.ld), m, n, c.ld), whole);
        }
      }
    },
  );

  test('a call may use B as the last one packed it, where one block holds all of B', () => {
    const { wasm, memory } = variant;
    for (const form of ['tn', 'tt'] as const) {
      for (const [n, k, oneBlock] of [
        [100, 60, true],
        [13, KC, true],
        [1000, 7, true],
        [1030, 60, false],
        [30, KC + 9, false],
      ] as const) {
        const m = 130;
        const options: Case = { form, m, n, k, bias: true, activation: 'relu' };
        const given = operands(options);
        const whole = run(variant, options, given);
        const { a, b, bias } = given;
        for (const cut of [
          [0, 60, 61, 63, 120, m],
          [0, 3, 40, m],
        ]) {
          memory.reset();
          const [pa, pb, pc, pbias] = [memory.put(a.data), memory.put(b.data), memory.out(m * n), memory.put(bias!)];
          const scratch = memory.alloc(wasm.gemm_scratch_bytes());
          for (let i = 1; i < cut.length; i++) {
            const [from, rows] = [cut[i - 1]!, cut[i]! - cut[i - 1]!];
            const c = pc + 4 * from * n;
            const kept = Number(i > 1);
            gemm(wasm, form, c, n, pa + 4 * from, m, pb, b.ld, rows, n, k, 1, 0, pbias, 1, scratch, 6, kept);
            if (oneBlock) new Float32Array(memory.memory.buffer, pb, b.data.length).fill(NaN); // nobody looks there again
          }
          memory.checkGuards();
          expectSameBits(memory.f32(pc, m * n), whole);
        }
      }
    }
  });

  test('a call that is alone with the memory leaves what stands directly behind C as it was, and reads it right', () => {
    const { wasm, memory } = variant;
    for (const form of FORMS) {
      for (const m of [1, 2, 3, 5, 6, 7, 9, 13, 48, 53, 60]) {
        for (let n = 1; n <= 12; n++) {
          const options: Case = { form, m, n, k: 5 + (m % 3), bias: (m + n) % 2 === 0, activation: 'relu', seed: m };
          const given = operands(options);
          const whole = run(variant, options, given);
          for (const order of ['abs', 'bas', 'sab'] as const) {
            for (const mr of MR) {
              memory.reset();
              const scratch = memory.alloc(wasm.gemm_scratch_bytes());
              const parts = { a: given.a.data, b: given.b.data, s: given.bias ?? new Float32Array(n) };
              const behind = [...order].map((name) => parts[name as 'a' | 'b' | 's']);
              const size = behind.reduce((sum, { length }) => sum + length, m * n);
              const pc = memory.alloc(4 * size);
              const at = { a: 0, b: 0, s: 0 };
              let next = pc + 4 * m * n;
              for (const [i, name] of [...order].entries()) {
                at[name as 'a' | 'b' | 's'] = next;
                new Float32Array(memory.memory.buffer, next, behind[i]!.length).set(behind[i]!);
                next += 4 * behind[i]!.length;
              }
              const { a, b, bias } = given;
              const pbias = bias ? at.s : 0;
              gemm(wasm, form, pc, n, at.a, a.ld, at.b, b.ld, m, n, options.k, 1, 0, pbias, 1, scratch, mr, -1);
              memory.checkGuards();
              expectSameBits(memory.f32(pc, m * n), whole);
              for (const name of ['a', 'b', 's'] as const) {
                expectSameBits(memory.f32(at[name], parts[name].length), parts[name]);
              }
            }
          }
        }
      }
    }
  });

  test('so does one whose C ends 64 bytes before the memory does', () => {
    const { wasm, memory } = variant;
    for (const n of [2, 3, 5, 6, 7]) {
      for (let free = BEHIND; free <= BEHIND + 20; free += 4) {
        const options: Case = { m: 13, n, k: 9 };
        const given = operands(options);
        const whole = run(variant, options, given);
        memory.reset();
        const [pa, pb] = [memory.put(given.a.data), memory.put(given.b.data)];
        const scratch = memory.alloc(wasm.gemm_scratch_bytes());
        const { byteLength } = memory.memory.buffer;
        const pc = byteLength - free - 4 * whole.length;
        new Uint8Array(memory.memory.buffer, byteLength - free).fill(7);
        wasm.gemm(pc, n, pa, 9, 0, pb, n, 0, 13, n, 9, 1, 0, 0, 0, scratch, usual(wasm), -1);
        expectSameBits(memory.f32(pc, whole.length), whole);
        expect(new Uint8Array(memory.memory.buffer, byteLength - free).every((byte) => byte === 7)).toBe(true);
      }
    }
  });

  test('a call that is not alone puts nothing back behind C: with a leading dimension of 0, one row stands there', () => {
    const { wasm, memory } = variant;
    for (const n of [3, 5, 7]) {
      for (const form of ['tn', 'tt'] as const) {
        const options: Case = { form, m: 1, n, k: 6 };
        const given = operands(options);
        const whole = run(variant, options, given);
        memory.reset();
        const [pa, pb, pc] = [memory.put(given.a.data), memory.put(given.b.data), memory.out(n)];
        const scratch = memory.alloc(wasm.gemm_scratch_bytes());
        gemm(wasm, form, pc, 0, pa, 1, pb, given.b.ld, 1, n, 6, 1, 0, 0, 0, scratch, usual(wasm), 0);
        expectSameBits(memory.f32(pc, n), whole);
      }
    }
  });

  test('all four forms give the same bits', () => {
    for (const [m, n, k] of [
      [17, 43, KC + 5],
      [100, 50, 30],
      [2, 9, 11],
    ] as const) {
      const given = operands({ m, n, k });
      const transposed = {
        a: { data: transpose(given.a.data, m, k), ld: m },
        b: { data: transpose(given.b.data, k, n), ld: k },
      };
      const nn = run(variant, { m, n, k }, given);
      for (const form of FORMS) {
        const a = form[0] === 't' ? transposed.a : given.a;
        const b = form[1] === 't' ? transposed.b : given.b;
        expectSameBits(run(variant, { form, m, n, k }, { ...given, a, b }), nn);
      }
    }
  });

  test.each(FORMS)(
    '%s reads at most 64 bytes behind its operands: there each in turn has the end of the memory',
    (form) => {
      const { wasm, memory } = variant;
      const settings = (['a', 'b', 'c', 'bias'] as const).flatMap((last) =>
        [0.5, 0].flatMap((beta) =>
          [...(form === 'tt' ? [] : [1]), ...MR].flatMap((mr) =>
            [0, -1].map((kept) => [last, beta, mr, kept] as const),
          ),
        ),
      );
      for (const [m, n, k] of [
        [7, 11, 13],
        [5, 3, 2],
        [50, 49, 90],
        [50, 9, 20],
        [50, 5, 20],
        [50, 6, 20],
        [13, 7, 20],
        [20, 2, 9],
        [50, 14, 20],
      ] as const) {
        for (const [last, beta, mr, kept] of settings) {
          const options: Case = { form, m, n, k, beta, bias: true };
          const given = operands(options);
          const expected = run(variant, { ...options, mr: mr === 1 ? 1 : undefined }, given);
          memory.reset();
          const put = (name: typeof last, data: Float32Array) => {
            if (name !== last) return memory.put(data);
            const view = new Float32Array(memory.memory.buffer);
            view.set(data, view.length - BEHIND / 4 - data.length);
            return view.byteLength - BEHIND - data.byteLength;
          };
          const { a, b, c, bias } = given;
          const [pa, pb, pc, pbias] = [put('a', a.data), put('b', b.data), put('c', c.data), put('bias', bias!)];
          const scratch = memory.alloc(wasm.gemm_scratch_bytes());
          gemm(wasm, form, pc, c.ld, pa, a.ld, pb, b.ld, m, n, k, 1, beta, pbias, 0, scratch, mr, kept);
          expectSameBits(memory.f32(pc, m * n), expected);
        }
      }
    },
  );

  test('every register tile gives the same bits', () => {
    for (const [m, n, k] of [
      [23, 43, KC + 5],
      [8, 50, 30],
      [5, 7, 9],
      [11, 13, 4],
    ] as const) {
      for (const form of FORMS) {
        for (const beta of [0, 1]) {
          const given = operands({ form, m, n, k, bias: true });
          const options: Case = { form, m, n, k, beta, bias: true, activation: 'relu' };
          const [two, ...others] = MR.map((mr) => run(variant, { ...options, mr }, given));
          for (const y of others) expectSameBits(y, two!);
        }
      }
    }
  });

  test.each(FORMS)(
    '%s: every register tile gives the same bits where C is narrow, and writes nothing behind it',
    (form) => {
      // Without a bias none is read: offset 0 is not one.
      new Uint8Array(variant.memory.memory.buffer, 0, 1024).fill(0xff);
      for (let m = 1; m <= 20; m++) {
        for (let n = 1; n <= 12; n++) {
          // With many terms, of more than 8 columns, bands of A are single tiles.
          for (const k of n > 8 ? [5, 500] : [5]) {
            const options: Case = { form, m, n, k, bias: m % 2 === 0 };
            const given = operands(options);
            const [two, ...others] = MR.map((mr) => run(variant, { ...options, mr }, given));
            for (const y of others) expectSameBits(y, two!);
          }
        }
      }
    },
  );

  test('0·Inf and NaN reach the element they belong to, and no other', () => {
    const options = { m: 7, n: 10, k: 5 };
    const given = operands(options);
    const clean = run(variant, options, given);
    given.a.data[2 * 5 + 3] = 0;
    given.b.data[3 * 10 + 9] = Infinity;
    given.a.data[6 * 5 + 4] = NaN;
    const y = run(variant, options, given);
    for (let i = 0; i < 7; i++) {
      for (let j = 0; j < 10; j++) {
        const value = y[i * 10 + j]!;
        if (i === 6 || (i === 2 && j === 9)) expect(value).toBeNaN();
        else if (j === 9) expect(Math.abs(value)).toBe(Infinity);
        else if (i !== 2) expect(value).toBe(clean[i * 10 + j]);
      }
    }
  });

  test('relu keeps NaN, at every place of every register tile', () => {
    for (const mr of [1, ...MR] as const) {
      for (let m = 1; m <= 13; m++) {
        for (const n of [3, 4, 8, 12, 16, 23]) {
          const given = operands({ m, n, k: 2 });
          given.a.data.fill(NaN);
          expectSameBits(run(variant, { m, n, k: 2, activation: 'relu', mr }, given), new Array(m * n).fill(NaN));
        }
      }
    }
    const given = operands({ m: 2, n: 8, k: 1 });
    expect(Math.min(...run(variant, { m: 2, n: 8, k: 1, activation: 'relu' }, given))).toBe(0);
  });

  test('2^24 + 16 products of ones sum exactly', () => {
    const { wasm, memory } = variant;
    const k = 2 ** 24 + 16;
    memory.reset();
    const one = memory.put(new Float32Array(1).fill(1));
    const c = memory.out(1);
    // Leading dimensions of 0: every row is the same one.
    wasm.gemm(c, 1, one, 0, 1, one, 0, 0, 1, 1, k, 1, 0, 0, 0, memory.alloc(wasm.gemm_scratch_bytes()), 6, 0);
    expect(memory.f32(c, 1)[0]).toBe(k);
  });

  test('few rows of NT with so many terms that a block of B is not even one column', () => {
    check(variant, { form: 'nt', m: 2, n: 17, k: 65536, mr: 1 });
  });

  test.each(FORMS)(
    '%s: the longest band of A and the widest block of B, with the most terms, fit the scratch',
    (form) => {
      for (const m of [7, 57, 59, 63]) check(variant, { form, m, n: 1024, k: KC });
    },
  );

  test('few rows: as many sums as fit beside the packed rows', () => {
    for (const m of [1, 5, 12]) {
      for (const form of ['nn', 'tn'] as const) {
        check(variant, { form, m, n: Math.ceil(40_000 / m), k: 20, mr: 1, bias: true, beta: 1 });
      }
    }
  });

  test('a call that is not alone leaves alone what is behind C, which may end with the memory', () => {
    const { wasm, memory } = variant;
    for (const form of FORMS) {
      for (const mr of MR) {
        for (const n of [1, 2, 3, 5, 6, 7]) {
          const options: Case = { form, m: 13, n, k: 9 };
          const given = operands(options);
          const whole = run(variant, options, given);
          memory.reset();
          const [pa, pb] = [memory.put(given.a.data), memory.put(given.b.data)];
          const scratch = memory.alloc(wasm.gemm_scratch_bytes());
          const pc = memory.memory.buffer.byteLength - 4 * whole.length;
          gemm(wasm, form, pc, n, pa, given.a.ld, pb, given.b.ld, 13, n, 9, 1, 0, 0, 0, scratch, mr, 0);
          expectSameBits(memory.f32(pc, whole.length), whole);
        }
      }
    }
  });
});

function transpose(x: Float32Array, rows: number, columns: number): Float32Array {
  return Float32Array.from({ length: x.length }, (_, i) => x[(i % rows) * columns + Math.floor(i / rows)]!);
}

const baseline = variants.find(([name]) => name === 'baseline')!;

test('baseline: an element is a few blocks of terms, each summed in order from zero, added in order', () => {
  const [m, n, k] = [7, 21, 2 * KC + 77];
  const block = 4 * Math.ceil(k / 3 / 4);
  const given = operands({ m, n, k });
  const expected = new Float32Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      for (let start = 0; start < k; start += block) {
        let sum = 0;
        for (let p = start; p < Math.min(k, start + block); p++) {
          sum = Math.fround(Math.fround(given.a.data[i * k + p]! * given.b.data[p * n + j]!) + sum);
        }
        expected[i * n + j]! += sum;
      }
    }
  }
  expectSameBits(run(baseline[1], { m, n, k }, given), expected);
});
