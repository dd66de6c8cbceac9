import os from 'node:os';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { engine } from '../../src/engine/engine';
import {
  Affine,
  backendInfo,
  init,
  matmul,
  Random,
  relu,
  SGD,
  SoftmaxWithLoss,
  setDebug,
  sum,
  type Tensor,
  tensor,
  tidy,
  zeros,
} from '../../src/index';
import { BEATS, CONTROL_BYTES, SEQUENCE, STATE, STATES, STOP, type WorkerStart } from '../../src/threads/control';
import { setThreads } from '../../src/threads/index';
import { PARTIALS } from '../../src/threads/partition';
import { limits } from '../../src/threads/plan';
import { Pool } from '../../src/threads/pool';
import { resetDebug } from '../support/detach';
import { expectRejection, live, normalTensor, pages } from '../support/facade';
import { idleWorkers, makeWorkers, until, workers } from '../support/workers';

afterEach(async () => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  makeWorkers();
  await setThreads(1);
  for (const t of made.splice(0)) t.dispose();
});

/** The operands of products; init() wants none. */
const made: Tensor[] = [];

/** A product that is cut, and what it is on one thread. */
function product() {
  const a = normalTensor([300, 200], 1);
  const b = normalTensor([200, 150], 2);
  made.push(a, b);
  return { a, b, run: () => tidy(() => matmul(a, b).toTypedArray()) };
}

// The first tests, since a reason is printed once only.
describe('nothing is printed', () => {
  test('where there are threads, or one was asked for', async () => {
    const printed = vi.spyOn(console, 'warn').mockImplementation(() => {});
    expect([await setThreads(2), await setThreads(1)]).toEqual([2, 1]);
    expect(printed).not.toHaveBeenCalled();
  });

  test('where init() has ended them', async () => {
    const printed = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const starting = setThreads(2);
    await until(() => workers.size > 0);
    await init();
    expect(await starting).toBe(1);
    expect(printed).not.toHaveBeenCalled();
  });
});

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
    for (const workerUrl of [null, {}, 5]) {
      const wrong = setThreads(2, { workerUrl } as object);
      await expectRejection(wrong, TypeError, 'setThreads: expected workerUrl to be a string or a URL, got');
    }
  });

  test.each([['a string', '/worker.js'] as const, ['a URL', new URL('https://example.org/worker.js')] as const])(
    'takes workerUrl as %s, which Node does not need',
    async (_what, workerUrl) => {
      expect(await setThreads(2, { workerUrl })).toBe(2);
    },
  );

  test("'auto' is the number of cores, an explicit n is not clamped to it", async () => {
    vi.spyOn(os, 'availableParallelism').mockReturnValue(2);
    expect(await setThreads('auto')).toBe(2);
    expect(backendInfo().threadsReason).toBe("'auto' on 2 cores");
    expect(await setThreads(5)).toBe(5);
  });

  test("'auto' in a browser is the number that it tells", async () => {
    vi.spyOn(process, 'getBuiltinModule').mockReturnValue(undefined);
    vi.stubGlobal('navigator', { hardwareConcurrency: 3 });
    vi.stubGlobal(
      'Worker',
      class {
        onmessage = () => {};
        postMessage() {
          this.onmessage();
        }
        terminate() {}
      },
    );
    expect(await setThreads('auto')).toBe(3);
    expect(backendInfo().threadsReason).toBe("'auto' on 3 cores");
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
    for (const n of [4, 129]) expect(await setThreads(n)).toBe(1);
    expect(backendInfo().threadsReason).toContain(reason);
    expect(tidy(() => relu([-1, 2]).toArray())).toEqual([0, 2]);
  });

  test.each(['clients', 'onconnect'])('a scope with %s, but without workers', async (name) => {
    vi.spyOn(process, 'getBuiltinModule').mockReturnValue(undefined);
    vi.stubGlobal(name, null);
    expect(await setThreads(4)).toBe(1);
    expect(backendInfo().threadsReason).toContain('a service worker or shared worker cannot start workers');
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
    vi.spyOn(os, 'availableParallelism').mockReturnValue(200);
    expect(await setThreads('auto')).toBe(1);
    expect(backendInfo().threadsReason).toBe('0 of 128 workers run: refused by policy');
  });

  const sourceOf = (code: string) => new URL(`data:text/javascript,${encodeURIComponent(code)}`);

  test.each([
    ['end', 'process.exit(1)', 'a worker ended before it was ready'],
    ['throw', 'throw new Error("limit of memory")', 'limit of memory'],
    ['throw what is no Error', 'throw undefined', 'undefined'],
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
      vi.advanceTimersByTime(9999);
      expect(vi.getTimerCount()).toBe(1);
      await new Promise((resolve) => setImmediate(resolve));
      expect(vi.getTimerCount()).toBe(1); // it is still waited for
      vi.advanceTimersByTime(1);
      expect(await starting).toBe(1);
    } finally {
      vi.useRealTimers();
    }
    expect(backendInfo().threadsReason).toBe('0 of 1 workers run: a worker did not start within 10000 ms');
    await until(() => workers.size === 0);
  });

  test('one that never says that it is ready is ended, the others stay', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    try {
      let made = 0;
      makeWorkers(
        (source, options) => new Worker(made++ === 0 ? sourceOf('setInterval(() => {}, 1000)') : source, options),
      );
      const starting = setThreads(3);
      while (vi.getTimerCount() < 2) await new Promise((resolve) => setImmediate(resolve));
      while (vi.getTimerCount() > 1) await new Promise((resolve) => setImmediate(resolve));
      vi.advanceTimersByTime(10_000);
      expect(await starting).toBe(2);
    } finally {
      vi.useRealTimers();
    }
    await until(() => workers.size === 1);
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
    for (const layer of [affine, criterion]) layer.dispose();
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
    tidy(() => {
      const rows = matmul(x, normalTensor([200, 150], 2));
      const above = tensor(rows.toTypedArray(), [300, 150]);
      expect(sum(big).item()).toBe(0);
      expect(relu(above).toTypedArray()).toEqual(relu(rows).toTypedArray());
    });
    for (const t of [big, x]) t.dispose();
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
      for (const t of [x, y]) t.dispose();
    } finally {
      resetDebug();
    }
  });
});

describe('the workers of a team', () => {
  const wordsOf = ({ memory, control }: WorkerStart) => new Int32Array(memory.buffer, control, CONTROL_BYTES / 4);

  test('have words of their own in the first page, behind those of the engine, and not those of the team before', async () => {
    const starts = idleWorkers();
    for (let i = 0; i < 40; i++) await setThreads(2);
    const controls = starts.map(({ control }) => control);
    expect(Math.min(...controls)).toBe(CONTROL_BYTES);
    expect(Math.max(...controls)).toBe(65536 - CONTROL_BYTES);
    for (let i = 1; i < 40; i++) expect(controls[i]).not.toBe(controls[i - 1]);
  });

  test('meet in the same words, each by its number', async () => {
    const starts = idleWorkers();
    await setThreads(4);
    expect(starts.map(({ worker }) => worker)).toEqual([0, 1, 2]);
    expect(new Set(starts.map(({ control }) => control)).size).toBe(1);
  });

  test('have scratch of their own, behind the partial sums, in memory that is reserved', async () => {
    const starts = idleWorkers();
    const reserve = vi.spyOn(engine, 'reserve');
    await setThreads(4);
    const offset: number = reserve.mock.results[0]!.value;
    const end = offset + reserve.mock.calls[0]![0];
    let free = offset + PARTIALS * 8;
    for (const { scratch } of starts) {
      expect(scratch).toBeGreaterThanOrEqual(free);
      free = scratch + engine.packingBytes;
    }
    expect(free).toBeLessThanOrEqual(end);
  });

  test('that take no part cost nothing: a call stays one call', async () => {
    const starts = idleWorkers();
    await setThreads(3);
    const { run } = product();
    const before = wordsOf(starts[0]!)[SEQUENCE];
    run();
    expect(wordsOf(starts[0]!)[SEQUENCE]).toBe(before);
    wordsOf(starts[0]!)[STATES + 1] = STATE.awake;
    run();
    expect(wordsOf(starts[0]!)[SEQUENCE]).not.toBe(before);
  });

  test('leave an error as it is that is none of theirs', async () => {
    const starts = idleWorkers();
    await setThreads(2);
    const { run } = product();
    wordsOf(starts[0]!)[STATES] = STATE.awake;
    const error = new RangeError('no stack');
    vi.spyOn(Pool.prototype, 'run').mockImplementation(() => {
      throw error;
    });
    let thrown: unknown;
    try {
      run();
    } catch (caught) {
      thrown = caught;
    }
    expect(thrown).toBe(error);
  });

  test.each([2, 3])('all take part in the calls of %i threads', async (n) => {
    const starts: WorkerStart[] = [];
    makeWorkers((source, options) => {
      const worker = new Worker(source, options);
      const post = worker.postMessage.bind(worker);
      worker.postMessage = (start: WorkerStart) => {
        starts.push(start);
        post(start);
      };
      return worker;
    });
    await setThreads(n);
    const { run } = product();
    await until(() => {
      run();
      return starts.every((start) => Atomics.load(wordsOf(start), BEATS + start.worker) !== 0);
    }, 30_000);
    expect(starts.length).toBe(n - 1);
  });

  test('that have gone count as absent, and are told to stop when the team ends', async () => {
    const starts = idleWorkers();
    vi.spyOn(performance, 'now').mockReturnValue(0); // so it ends young
    await setThreads(3);
    const words = wordsOf(starts[0]!);
    words.fill(STATE.awake, STATES, STATES + 2);
    starts[1]!.end();
    await new Promise((resolve) => setImmediate(resolve));
    expect(backendInfo().threads).toBe(2);
    expect([...words.subarray(STATES, STATES + 2)]).toEqual([STATE.awake, STATE.absent]);
    expect(words[STOP]).toBe(0);
    await setThreads(1);
    expect(words[STOP]).toBe(1);
  });

  test('that failed after they had begun to look for jobs count as absent', async () => {
    const starts = idleWorkers((worker, start) => {
      wordsOf(start)[STATES + start.worker] = STATE.awake;
      return start.worker === 0 ? worker.emit('error', new Error('made to fail')) : worker.emit('message');
    });
    expect(await setThreads(3)).toBe(2);
    await new Promise((resolve) => setImmediate(resolve));
    expect([...wordsOf(starts[0]!).subarray(STATES, STATES + 2)]).toEqual([STATE.absent, STATE.awake]);
  });

  test('are not replaced when the team ends, however long they lived', async () => {
    const starts = idleWorkers();
    await setThreads(3);
    const now = performance.now.bind(performance);
    vi.spyOn(performance, 'now').mockImplementation(() => now() + 5000);
    await setThreads(1);
    await new Promise((resolve) => setImmediate(resolve));
    expect(starts.length).toBe(2);
    expect(backendInfo()).toMatchObject({ threads: 1, threadsReason: 'setThreads(1)' });
  });

  test('are replaced by as many, which take their numbers', async () => {
    const starts = idleWorkers();
    await setThreads(3);
    const now = performance.now.bind(performance);
    vi.spyOn(performance, 'now').mockImplementation(() => now() + 1000);
    starts[1]!.end();
    await new Promise((resolve) => setImmediate(resolve));
    expect(starts.map(({ worker }) => worker)).toEqual([0, 1, 1]);
    expect(starts[2]!.scratch).toBe(starts[1]!.scratch);
    expect(backendInfo()).toMatchObject({ threads: 3, threadsReason: 'setThreads(3)' });
  });

  test('get the kernels of calls from some microseconds on, and none when they have ended', async () => {
    idleWorkers();
    await setThreads(2);
    expect(engine.wasm).not.toBe(engine.raw);
    expect(engine.kernels(limits.least * 1000)).toBe(engine.wasm);
    expect(engine.kernels(limits.least * 1000 - 1)).toBe(engine.raw);
    await setThreads(1);
    expect([engine.wasm, engine.alone]).toEqual([engine.raw, Infinity]);
  });
});
