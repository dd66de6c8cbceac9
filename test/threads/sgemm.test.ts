import { afterEach, expect, test } from 'vitest';
import { backendInfo, sgemm, zeros } from '../../src/index';
import { setThreads } from '../../src/threads/index';

afterEach(async () => {
  await setThreads(1);
});

test('views of one shared memory, from before and after it grew, have buffers of their own and overlap all the same', async () => {
  expect(await setThreads(2)).toBe(2);
  using t = zeros([64]);
  const before = t.data;
  using more = zeros([backendInfo().memory.bytes / 4]);
  const now = t.data;
  expect(before.buffer).not.toBe(now.buffer);
  for (let i = 0; i < 64; i++) now[i] = i + 1;
  const c = sgemm(1, 20, 1, Float32Array.of(2), now.subarray(0, 20), before.subarray(1, 21));
  expect([...c]).toEqual(Array.from({ length: 20 }, (_, i) => 2 * (i + 1)));
  expect(more.size).toBeGreaterThan(0);
});
