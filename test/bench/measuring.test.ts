import { describe, expect, test } from 'vitest';
import { checkProduct, within, withinUlp } from '../../bench/support/check';
import { claims } from '../../bench/support/claims';
import { type Case, wrongIn } from '../../bench/support/contender';
import { OURS } from '../../bench/support/names';
import type { PeerRow } from '../../bench/support/peers-compare';
import type { Results } from '../../bench/support/results';
import { best, median, quantile, ratio } from '../../bench/support/timing';
import { normal } from '../support/seeds';

test('ratio: how many times longer the first took, in rounds that both were in', () => {
  expect(ratio([4, 9, undefined, 8], [2, 3, 1, undefined])).toBe(2.5);
  expect(median([3, undefined, 1, 2])).toBe(2);
  expect(best([3, undefined, 1, 2])).toBe(1);
  expect(quantile([0, 10], 0.25)).toBe(2.5);
});

describe('answers that are wrong are refused', () => {
  test('a loss', () => {
    const work = { check: () => undefined, loss: () => 2 } as unknown as Case;
    expect(wrongIn(work, 2.00001, [])).toBeUndefined();
    for (const loss of [2.1, -2, NaN, {}]) expect(wrongIn(work, loss, [])).toMatch(/^the loss is .* instead of 2$/);
    expect(wrongIn(work, undefined, [])).toBeUndefined(); // of a process that keeps it
    expect(wrongIn({ ...work, check: () => 'wrong' }, 2, [])).toBe('wrong');
  });

  const [m, n, k] = [9, 7, 40];
  const [a, b] = [normal(m * k, { seed: 1 }), normal(k * n, { seed: 2 })];
  const product = () => {
    const c = new Float32Array(m * n);
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let p = 0; p < k; p++) sum += a[i * k + p]! * b[p * n + j]!;
        c[i * n + j] = sum;
      }
    }
    return c;
  };

  test('a product', () => {
    const work = { m, n, k, a, b };
    expect(checkProduct(product(), work)).toBeUndefined();
    expect(checkProduct(new Float32Array(m * n - 1), work)).toBe('62 elements instead of 63');
    for (const at of [0, 31, 62]) {
      for (const change of [1e-3, NaN]) {
        const wrong = product();
        wrong[at]! += change;
        expect(checkProduct(wrong, work), `element ${at} and ${change}`).toBeDefined();
      }
    }
  });

  test('values', () => {
    expect(within([1, 2], [1, 2.0000002], 1e-6)).toBeUndefined();
    expect(within([1, 2], [1, 2.00001], 1e-6)).toBe('element 1 is 2 instead of 2.00001');
    expect(within([1, NaN], [1, 2], 1)).toBeDefined();
    expect(within([1], [1, 2], 1)).toBeDefined();
    expect(withinUlp([1 + 2 ** -23], [1], 1)).toBeUndefined();
    expect(withinUlp([1 + 2 ** -22], [1], 1)).toBeDefined();
  });
});

describe('claims', () => {
  const row = (contender: string, shape: string, more: Partial<PeerRow>): PeerRow => ({
    operation: 'matmul',
    shape,
    contender,
    median: 1,
    ...more,
  });
  const results = (rows: PeerRow[]) =>
    ({ head: [], peers: [], absent: [], groups: { matmul: rows } }) as unknown as Results;
  const claim = (rows: PeerRow[]) => claims(results(rows)).find(({ text }) => text.startsWith('matmul ≥ 1.3'))!;
  const line = (shape: string, theirs: Partial<PeerRow>, us: Partial<PeerRow> = {}) => [
    row(OURS, shape, us),
    row('tfjs wasm', shape, theirs),
    row('ort-web', shape, { overOurs: 5 }),
  ];

  test('the worst line decides, against the fastest peer', () => {
    expect(claim([...line('64×64×64', { overOurs: 2 }), ...line('9×9×9', { overOurs: 1.4 })])).toMatchObject({
      met: 'yes',
      range: '1.40 to 2.00 ×',
    });
    expect(claim([...line('64×64×64', { overOurs: 2 }), ...line('9×9×9', { overOurs: 1.2 })]).met).toBe('no');
  });

  test('a line in which we or all peers failed is no proof', () => {
    const failed = { note: 'wrong answer, not timed' };
    const good = line('64×64×64', { overOurs: 2 });
    for (const bad of [
      [row(OURS, '9×9×9', {}), { ...row('tfjs wasm', '9×9×9', failed), median: undefined } as unknown as PeerRow],
      [{ ...row(OURS, '9×9×9', failed), median: undefined } as unknown as PeerRow, row('tfjs wasm', '9×9×9', {})],
    ]) {
      expect(claim([...good, ...bad])).toMatchObject({
        met: 'no',
        measured: 'not measured (9×9×9), 2.00 × (64×64×64)',
      });
    }
  });

  test('nor does a claim vanish, or hold, where all that it is about failed', () => {
    const failed = { median: undefined, note: 'wrong answer, not timed' } as unknown as Partial<PeerRow>;
    expect(claim([row(OURS, '9×9×9', failed), row('tfjs wasm', '9×9×9', {})])).toMatchObject({
      met: 'no',
      range: 'not measured',
    });
    const form = (name: string, more: Partial<PeerRow>) => row(`${OURS}, ${name}`, '64×64×64', more);
    const forms = [row(OURS, '64×64×64', {}), form('NT', { overOurs: 1 }), form('TN', failed)];
    const calls = [
      row(OURS, 'relu of 4', failed),
      row('plain JS', 'relu of 4', { median: 1e-9, best: 1e-9 }),
      row(OURS, 'add of 4', { median: 5e-8, best: 5e-8 }),
      row('plain JS', 'add of 4', { median: 1e-9, best: 1e-9 }),
    ];
    for (const [operation, rows, shape] of [
      ['forms', forms, '64×64×64 TN'],
      ['call', calls, 'relu of 4'],
    ] as const) {
      const [found] = claims(results(rows.map((each) => ({ ...each, operation }))));
      expect(found).toMatchObject({ met: 'no' });
      expect(found!.measured).toContain(`not measured (${shape})`);
    }
  });
});
