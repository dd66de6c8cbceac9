import os from 'node:os';
import threads, { type Worker as NodeWorker, type WorkerOptions } from 'node:worker_threads';
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  Affine,
  backendInfo,
  matmul,
  Random,
  relu,
  SGD,
  SoftmaxWithLoss,
  setDebug,
  sum,
  tensor,
  zeros,
} from '../../src/index';
import { setThreads } from '../../src/threads/index';
import { expectRejection, live, normalTensor, pages } from '../support/facade';
import { until, workers } from '../support/workers';

afterEach(async () => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  threads.Worker = Worker;
  await setThreads(1);
});

const { Worker } = threads;

/** From now on, new workers come from `make`. */
function makeWorkers(make: (source: URL, options: WorkerOptions) => NodeWorker): void {
  threads.Worker = class {
    constructor(source: URL, options: WorkerOptions) {
      // biome-ignore lint/correctness/noConstructorReturn: what `new` gives is the point
      return make(source, options);
    }
  } as typeof Worker;
}

/** A product that is cut, and what it is on one thread. */
function product() {
  const a = normalTensor([300, 200], 1);
  const b = normalTensor([200, 150], 2);
  return { a, b, run: () => matmul(a, b).toTypedArray() };
}

describe('setThreads', () => {
  test('resolves to the number in use, which backendInfo() tells with the reason', async () => {
    expect(await setThreads(3)).toBe(3);
    expect(backendInfo()).toMatchObject({ threads: 3, threadsReason: 'setThreads(3)' });
    expect(await setThreads(1)).toBe(1);
    expect(backendInfo()).toMatchObject({ threads: 1, threadsReason: 'setThreads(1)' });
  });

  test.each([
    [undefined, TypeError, "setThreads: expected n to be a number or 'auto', got undefined"],
    ['2', TypeError, 'setThreads: expected n to be a number or \'auto\', got the string "2"'],
    [0, RangeError, 'setThreads: expected n to be an integer in 1 … 129, got 0'],
    [1.5, RangeError, 'setThreads: expected n to be an integer in 1 … 129, got 1.5'],
    [Number.NaN, RangeError, 'setThreads: expected n to be an integer in 1 … 129, got NaN'],
    [130, RangeError, 'setThreads: expected n to be an integer in 1 … 129, got 130'],
  ])('refuses %s', async (n, type, message) => {
    await expectRejection(setThreads(n as number), type, message);
  });

  test('refuses options that it does not know', async () => {
    const options = { workerURL: '/worker.js' } as object;
    await expectRejection(setThreads(2, options), TypeError, 'setThreads: unknown option "workerURL"');
  });

  test("'auto' is the number of cores, an explicit n is not clamped to it", async () => {
    vi.spyOn(os, 'availableParallelism').mockReturnValue(2);
    expect(await setThreads('auto')).toBe(2);
    expect(backendInfo().threadsReason).toBe("'auto' on 2 cores");
    expect(await setThreads(5)).toBe(5);
  });

  test('more threads than shares of a job: the same result', async () => {
    const { run } = product();
    const right = run();
    expect(await setThreads(19)).toBe(19);
    for (let i = 0; i < 20; i++) expect(run()).toEqual(right);
  });

  test('overlapping calls queue', async () => {
    expect(await Promise.all([2, 4, 1, 3].map((n) => setThreads(n)))).toEqual([2, 4, 1, 3]);
    expect(backendInfo().threads).toBe(3);
    expect(workers.size).toBe(2);
  });

  test('no worker outlives setThreads(1) or a smaller number', async () => {
    await setThreads(4);
    expect(workers.size).toBe(3);
    await setThreads(2);
    expect(workers.size).toBe(1);
    await setThreads(1);
    expect(workers.size).toBe(0);
  });

  test('takes no memory from call to call', async () => {
    await setThreads(3);
    await setThreads(1);
    const before = [live(), pages()];
    for (let i = 0; i < 20; i++) await setThreads(2 + (i % 3));
    await setThreads(1);
    expect([live(), pages()]).toEqual(before);
  });
});

describe('why there are not more', () => {
  test.each([
    ['crossOriginIsolated', false, 'this page is not cross-origin isolated'],
    ['SharedArrayBuffer', undefined, 'this engine has no SharedArrayBuffer'],
  ])('%s = %s', async (name, value, reason) => {
    vi.stubGlobal(name, value);
    expect(await setThreads(4)).toBe(1);
    expect(backendInfo().threadsReason).toContain(reason);
    expect(relu([-1, 2]).toArray()).toEqual([0, 2]);
  });

  test('one core', async () => {
    vi.spyOn(os, 'availableParallelism').mockReturnValue(1);
    expect(await setThreads('auto')).toBe(1);
    expect(backendInfo().threadsReason).toBe("'auto' on one core");
  });

  test('a Worker that cannot be made, as under a Content-Security-Policy', async () => {
    makeWorkers(() => {
      throw new Error('refused by policy');
    });
    expect(await setThreads(3)).toBe(1);
    expect(backendInfo().threadsReason).toBe('0 of 2 workers run: refused by policy');
    const { run } = product();
    expect(run().length).toBe(300 * 150);
  });

  const sourceOf = (code: string) => new URL(`data:text/javascript,${encodeURIComponent(code)}`);

  test.each([
    ['end', 'process.exit(1)', 'a worker ended before it was ready'],
    ['throw', 'throw new Error("limit of memory")', 'limit of memory'],
  ])('workers that %s before they are ready', async (_name, code, reason) => {
    makeWorkers((_source, options) => new Worker(sourceOf(code), options));
    expect(await setThreads(2)).toBe(1);
    expect(backendInfo().threadsReason).toBe(`0 of 1 workers run: ${reason}`);
    await until(() => workers.size === 0);
  });

  test('workers that never say that they are ready', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    try {
      makeWorkers((_source, options) => new Worker(sourceOf('setInterval(() => {}, 1000)'), options));
      const starting = setThreads(2);
      while (vi.getTimerCount() === 0) await new Promise((resolve) => setImmediate(resolve));
      vi.advanceTimersByTime(10_000);
      expect(await starting).toBe(1);
    } finally {
      vi.useRealTimers();
    }
    expect(backendInfo().threadsReason).toBe('0 of 1 workers run: a worker did not start within 10000 ms');
    await until(() => workers.size === 0);
  });

  test('a worker whose message is late, since the caller computed for so long, has started', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    try {
      makeWorkers((source, options) => {
        const mute = `import { parentPort as mute } from 'node:worker_threads'; mute.postMessage = () => {};`;
        return new Worker(sourceOf(mute + decodeURIComponent(source.href.replace(/^[^,]*,/, ''))), options);
      });
      const starting = setThreads(2);
      while (vi.getTimerCount() === 0) await new Promise((resolve) => setImmediate(resolve));
      await new Promise((resolve) => setTimeout(resolve, 500));
      vi.advanceTimersByTime(10_000);
      expect(await starting).toBe(2);
    } finally {
      vi.useRealTimers();
    }
  });

  test('some workers start and one does not: the others compute', async () => {
    let made = 0;
    makeWorkers((source, options) => {
      if (++made === 2) throw new Error('no more');
      return new Worker(source, options);
    });
    const { run } = product();
    const alone = run();
    expect(await setThreads(4)).toBe(3);
    expect(backendInfo().threadsReason).toBe('2 of 3 workers run: no more');
    expect(run()).toEqual(alone);
  });
});

describe('what was made before', () => {
  test('tensors, layers and optimizers stay valid at any time', async () => {
    const affine = Affine.init(200, 150, { rng: new Random(1) });
    const criterion = new SoftmaxWithLoss();
    const optimizer = new SGD(affine.parameters(), { learningRate: 0.5 });
    const { a } = product();
    const labels = Int32Array.from({ length: 300 }, (_, i) => i % 150);
    const losses: number[] = [];
    for (const n of [1, 2, 1, 3, 2, 1]) {
      const y = affine.forward(a);
      losses.push(criterion.forward(y, labels));
      const dout = criterion.backward();
      await setThreads(n); // between forward and backward
      affine.backward(dout);
      optimizer.step();
      expect(y.toTypedArray().length).toBe(300 * 150);
    }
    for (let i = 1; i < losses.length; i++) expect(losses[i]).toBeLessThan(losses[i - 1]!);
  });
});

describe('the memory', () => {
  test('grows while workers live, and they see what is beyond the old end', async () => {
    await setThreads(3);
    const before = pages();
    const big = zeros([before * 16384]); // as much again
    expect(pages()).toBeGreaterThan(before);
    const x = normalTensor([300, 200], 1);
    expect(x.storage.offset).toBeGreaterThan(0);
    const rows = matmul(x, normalTensor([200, 150], 2));
    const above = tensor(rows.toTypedArray(), [300, 150]);
    expect(sum(big).item()).toBe(0);
    expect(relu(above).toTypedArray()).toEqual(relu(rows).toTypedArray());
    for (const t of [big, x, rows, above]) t.dispose();
  });

  test('views held across a growth stay readable: shared memory does not detach, with detachViews neither', async () => {
    await setThreads(2);
    setDebug({ detachViews: true });
    try {
      const x = tensor([1, 2, 3]);
      const { data } = x;
      const y = zeros([pages() * 16384]);
      expect([...data]).toEqual([1, 2, 3]);
      x.set([4, 5, 6]);
      expect([...data]).toEqual([4, 5, 6]);
      y.dispose();
    } finally {
      setDebug({ detachViews: false });
    }
  });
});
