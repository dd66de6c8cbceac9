import { expect, test } from 'vitest';
import { checkLabels } from '../../src/ops/labels';

// In a file of its own: how many labels fit without an allocation depends on the calls before.
test('labels are copied whole, one more than fit the place for them, too', () => {
  for (const rows of [256, 257, 514, 515, 1030, 1031, 3]) {
    const labels = checkLabels(new Int32Array(rows).fill(1), rows, 2, 'test');
    if (labels.kind !== 'indices') throw new Error(labels.kind);
    expect(labels.indices.length).toBeGreaterThanOrEqual(rows);
    expect(labels.indices.subarray(0, rows).every((label) => label === 1)).toBe(true);
    expect(checkLabels(new Array(rows).fill(0), rows, 2, 'test')).toMatchObject({ shape: [rows] });
  }
});

test('the place for them is the same for every call, unless a call began while another was reading', () => {
  const indices = (t: ArrayLike<number>) => {
    const labels = checkLabels(t, 3, 5, 'test');
    if (labels.kind !== 'indices') throw new Error(labels.kind);
    return labels.indices;
  };
  const place = indices([1, 2, 3]);
  expect(indices([3, 2, 1])).toBe(place);
  const sly = [4, 4, 4];
  Object.defineProperty(sly, 1, { get: () => indices([0, 0, 0])[0]! + 2 });
  expect([...indices(sly).subarray(0, 3)]).toEqual([4, 2, 4]);
});

test('labels whose memory went elsewhere are told apart from labels that are too few', () => {
  const labels = new Int32Array(2);
  expect(() => checkLabels(labels, 3, 5, 'test')).toThrow('test: expected labels t of shape [3] or [3, 5], got [2]');
  structuredClone(labels.buffer, { transfer: [labels.buffer] });
  expect(() => checkLabels(labels, 2, 5, 'test')).toThrow('test: expected numbers, got a Int32Array that is detached');
});

test('only for a BigInt the mend is a conversion', () => {
  expect(() => checkLabels([0, 1n] as never, 2, 5, 'test')).toThrow(/to be a number, got .*; use Number\(label\)$/);
  expect(() => checkLabels([0, '1'] as never, 2, 5, 'test')).toThrow(/to be a number, got [^;]*$/);
});
