import { afterEach, describe, expect, test, vi } from 'vitest';
import { ThreadError } from '../../src/engine/errors';
import * as word from '../../src/threads/control';
import { Participant } from '../../src/threads/participant';
import { limits, type Plan } from '../../src/threads/plan';
import { Pool } from '../../src/threads/pool';

const CONTROL = 4096;

/** The clock that the pool takes when it is loaded. */
const clock = vi.hoisted(() => {
  const real = performance.now.bind(performance);
  const hands = { real, now: real };
  performance.now = () => hands.now();
  return hands;
});

afterEach(() => {
  vi.restoreAllMocks();
  clock.now = clock.real;
});

/** A pool of one thread, whose only kernel is `kernel(rows, columns)`: 10 × 10 cells. */
function tenByTen(kernel: (rows: number, columns: number) => void, { scratch = -1, cost = 1 } = {}) {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  const pool = new Pool(memory, CONTROL, { kernel }, ['kernel'], 0);
  const cut = (count: number) => ({ count, total: 10, size: 1, strides: [] });
  const plan: Plan = { cuts: [cut(1), cut(0)], scratch, cost };
  return () => pool.run(0, [10, 10], plan);
}

test('a claim runs whole lines of cells in one call, what is left of a line in another', () => {
  const calls: number[][] = [];
  tenByTen((rows, columns) => calls.push([rows, columns]))();
  expect(calls.slice(0, 2)).toEqual([
    [7, 10],
    [1, 5],
  ]);
  expect(calls.reduce((sum, [rows, columns]) => sum + rows! * columns!, 0)).toBe(100);
  expect(calls.length).toBeLessThan(12);
});

test.each([
  ['of a kernel that packs', 2, 6],
  ['of another', -1, 1],
])('a claim %s takes so many cells of a millisecond', (_what, scratch, cells) => {
  const calls: number[] = [];
  tenByTen((rows, columns) => calls.push(rows * columns), { scratch, cost: 1e5 })();
  expect(Math.max(...calls)).toBe(cells);
});

test('who comes second in a claim tries again: no cell is left out', () => {
  let cells = 0;
  const run = tenByTen((rows, columns) => {
    cells += rows * columns;
  });
  vi.spyOn(Atomics, 'compareExchange').mockReturnValueOnce(-1 as never);
  run();
  expect(cells).toBe(100);
});

test('a worker takes cells of its own share first, and has a scratch of its own', () => {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  const calls: number[][] = [];
  const played = (...args: number[]) => calls.push(args);
  // The first call of the caller is where the worker takes part.
  const pool = new Pool(memory, CONTROL, { kernel: () => worker.work() }, ['kernel'], 1);
  const worker = new Participant(memory, CONTROL, { kernel: played }, ['kernel'], 1, 4321);
  const cuts: Plan['cuts'] = [
    { count: 1, total: 10, size: 1, strides: [4] },
    { count: 0, total: 1, size: 1, strides: [] },
  ];
  pool.run(0, [1000, 10, 1234], { cuts, scratch: 2, cost: 1 });
  expect(calls[0]).toEqual([1020, 3, 4321]);
});

test('a kernel learns when its last call was of this job and of the same part of the second cut', () => {
  const calls: number[][] = [];
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  const kernel = (...args: number[]) => calls.push(args);
  const pool = new Pool(memory, CONTROL, { kernel }, ['kernel'], 0);
  const cut = (count: number, total: number) => ({ count, total, size: 1, strides: [] });
  const run = (columns: number) => {
    calls.length = 0;
    pool.run(0, [8, columns, 0], { cuts: [cut(0, 8), cut(1, columns)], scratch: -1, kept: 2, cost: 1 });
    return calls;
  };
  // Of 8 cells 6, then 1, then 1.
  for (let job = 0; job < 2; job++) {
    expect(run(1)).toEqual([
      [6, 1, 0],
      [1, 1, 1],
      [1, 1, 1],
    ]);
  }
  // Of 16 cells 12, which are a line and a half; 3; 1.
  expect(run(2)).toEqual([
    [8, 1, 0],
    [4, 1, 0],
    [3, 1, 1],
    [1, 1, 1],
  ]);
});

describe('a worker that ends in the middle of a claim', () => {
  interface Cells {
    cells?: number;
    /** What a cell takes, in µs. */
    each?: number;
  }

  /**
   * A job of a pool of three threads, whose workers are played by `play`, called at the beginning of each kernel call of the caller.
   * A claim takes one cell.
   */
  function played(play: (call: number, words: Int32Array) => void, { cells = 1000, each = limits.claim }: Cells = {}) {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
    const words = new Int32Array(memory.buffer, CONTROL, word.CONTROL_BYTES / 4);
    let now = 0;
    clock.now = () => {
      now += 0.01; // a caller that polls does so for a while
      return now;
    };
    vi.spyOn(Atomics, 'wait').mockImplementation(() => {
      now += 1;
      return 'timed-out';
    });
    let calls = 0;
    const kernel = () => {
      now += 10;
      play(calls++, words);
    };
    const pool = new Pool(memory, CONTROL, { kernel }, ['kernel'], 2);
    const cut = (total: number) => ({ count: 0, total, size: 1, strides: [] });
    const run = () => pool.run(0, [0], { cuts: [cut(cells), cut(1)], scratch: -1, cost: cells * each });
    const pass = (milliseconds: number) => {
      now += milliseconds;
    };
    return { pool, run, pass, calls: () => calls, elapsed: () => now };
  }
  const claim = (words: Int32Array, worker: number) => {
    Atomics.sub(words, word.LEFT + (worker + 1) * word.LINE, 1);
    Atomics.add(words, word.BEATS + worker, 1);
  };
  const end = (words: Int32Array, worker: number) => {
    Atomics.add(words, word.BEATS + worker, 1);
    Atomics.add(words, word.ENDED, 1);
  };

  test('is noticed between the claims of the caller, while another one works on', () => {
    const { pool, run, elapsed } = played((call, words) => {
      if (call === 3) claim(words, 0);
      if (call > 0) end(words, 1);
      claim(words, 1);
    });
    expect(run).toThrow(/no progress for 620 ms/);
    expect(pool.broken).toBe(true);
    expect(elapsed()).toBeLessThan(800);
  });

  test('is noticed when it had no time to say that it has one', () => {
    const { run, calls, elapsed } = played((call, words) => {
      if (call === 3) Atomics.sub(words, word.LEFT + word.LINE, 1);
    });
    expect(run).toThrow(ThreadError);
    expect(calls()).toBe(999);
    expect(elapsed()).toBeLessThan(9990 + 800);
  });

  test('one that is slow, but goes on, is waited for', () => {
    const { run, calls } = played((call, words) => {
      if (call >= 300) return;
      if (call % 50 === 0) claim(words, 0);
      if (call % 50 === 49) end(words, 0);
    });
    run();
    expect(calls()).toBe(994);
  });

  test('is waited for longer where a cell takes longer', () => {
    const { run } = played(
      (call, words) => {
        if (call === 0) claim(words, 0);
      },
      { cells: 10, each: 10 * limits.claim },
    );
    expect(run).toThrow(/no progress for 1700 ms/);
  });

  test('one is not taken for such where the whole machine slept for a while', () => {
    const { run, pass, calls } = played((call, words) => {
      if (call === 0) claim(words, 0);
      if (call === 2) pass(10_000);
      if (call === 4) end(words, 0);
    });
    run();
    expect(calls()).toBe(999);
  });

  test('nor one that takes as long as the caller did, where all threads wait for their turn on a core', () => {
    let due = Infinity;
    const { run, pass, calls, elapsed } = played(
      (_call, words) => {
        claim(words, 1);
        pass(190); // and 10: the claim of the caller
        due = elapsed() + 700;
      },
      { cells: 2 },
    );
    const load = Atomics.load as (words: Int32Array, index: number) => number;
    vi.spyOn(Atomics as { load: typeof load }, 'load').mockImplementation((words, index) => {
      const value = load(words, index);
      if (index === word.BEATS && elapsed() >= due) {
        due = Infinity;
        end(words, 1);
      }
      return value;
    });
    run();
    expect(calls()).toBe(1);
  });

  test('is noticed, however long the caller was away in its own claim', () => {
    const { run, pass } = played(
      (_call, words) => {
        claim(words, 1);
        pass(3_600_000);
      },
      { cells: 2 },
    );
    expect(run).toThrow(/no progress for 4500 ms/);
  });

  test('nor one for whose last cell two jobs wait, neither of them too long', () => {
    const waits = [600, 100];
    let due = 0;
    const { run, calls, elapsed } = played(
      (call, words) => {
        claim(words, 1);
        due = elapsed() + waits[call]!;
      },
      { cells: 2 },
    );
    const load = Atomics.load as (words: Int32Array, index: number) => number;
    vi.spyOn(Atomics as { load: typeof load }, 'load').mockImplementation((words, index) => {
      const value = load(words, index);
      // The last word of a look: the caller does not see that the cell has ended before the job has.
      if (index === word.BEATS && elapsed() >= due) end(words, 1);
      return value;
    });
    for (const _ of waits) run();
    expect(calls()).toBe(2);
  });
});

test('a worker that sleeps is woken when many calls were too short to wake it for each', () => {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  const pool = new Pool(memory, CONTROL, { kernel: () => {} }, ['kernel'], 1);
  new Int32Array(memory.buffer, CONTROL)[word.STATES] = word.STATE.asleep;
  const woken = vi.spyOn(Atomics, 'notify');
  const after: number[] = [];
  for (let calls = 0; calls < 16; calls++) {
    expect(pool.helps(limits.wake / 2)).toBe(false);
    after.push(woken.mock.calls.length);
  }
  expect(after).toEqual([...new Array(7).fill(0), ...new Array(8).fill(1), 2]);
});

test('when a kernel failed on one thread, nobody claims any more of that job', () => {
  let calls = 0;
  let fails = true;
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  const failing = () => {
    throw new Error('made to throw');
  };
  const worker = new Participant(memory, CONTROL, { kernel: failing }, ['kernel'], 1);
  const kernel = () => {
    calls++;
    if (fails) expect(() => worker.work()).toThrow('made to throw');
  };
  const pool = new Pool(memory, CONTROL, { kernel }, ['kernel'], 1);
  const cut = (total: number) => ({ count: 0, total, size: 1, strides: [] });
  const run = () => pool.run(0, [10], { cuts: [cut(10), cut(1)], scratch: -1, cost: 1 });
  expect(run).toThrow('a worker trapped');
  expect(calls).toBe(1);
  fails = false;
  run();
  expect(calls).toBeGreaterThan(2);
});

test.each([1, 2, 3])('a kernel that throws in call %i ends the job at once, and the next one is whole', (bad) => {
  let calls = 0;
  let cells = 0;
  const run = tenByTen((rows, columns) => {
    if (++calls === bad) throw new Error('made to throw');
    cells += rows * columns;
  });
  expect(run).toThrow('made to throw'); // and no ThreadError, as for a cell that never ends
  cells = 0;
  run();
  expect(cells).toBe(100);
});

test('a worker signs every claim and every call in it', () => {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  const signs: number[] = [];
  let fails = false;
  const played = () => {
    signs.push(sign());
    if (fails) throw new Error('made to throw');
  };
  // The first call of the caller is where the worker takes part.
  const pool = new Pool(memory, CONTROL, { kernel: () => worker.work() }, ['kernel'], 0);
  const worker = new Participant(memory, CONTROL, { kernel: played }, ['kernel'], 3);
  const sign = () => worker.words[word.BEATS + 2]!;
  const cut = (count: number) => ({ count, total: 10, size: 1, strides: [] });
  const run = () => pool.run(0, [10, 10], { cuts: [cut(1), cut(0)], scratch: -1, cost: 1 });
  run();
  expect(signs.length).toBeGreaterThan(3);
  expect(signs.every((value) => value & 1)).toBe(true);
  expect(new Set(signs).size).toBe(signs.length);
  expect(sign() & 1).toBe(0);
  fails = true;
  expect(run).toThrow('made to throw');
  expect(sign() & 1).toBe(0);
});

test('a kernel that throws where the stack ends at once after it: the next job is whole', () => {
  let cells = 0;
  let fails = true;
  const run = tenByTen((rows, columns) => {
    if (fails) throw new Error('made to throw');
    cells += rows * columns;
  });
  // In the end of the job, before the fault was read.
  vi.spyOn(Atomics, 'exchange').mockImplementationOnce(() => {
    throw new RangeError('Maximum call stack size exceeded');
  });
  expect(run).toThrow(RangeError);
  fails = false;
  run(); // and no ThreadError, as for a worker that trapped
  expect(cells).toBe(100);
});

/** From the `first` call of a function of the language on, or at that one only, `times` of them throw. @returns how many were called */
function stackEnds(first: number, times: number): () => number {
  let calls = 0;
  const failing = (holder: object, name: string) => {
    const original = Reflect.get(holder, name) as (...args: unknown[]) => unknown;
    vi.spyOn(holder as Record<string, () => unknown>, name).mockImplementation((...args: unknown[]) => {
      calls++;
      if (calls >= first && calls < first + times) throw new RangeError('Maximum call stack size exceeded');
      return original.apply(holder, args);
    });
  };
  for (const name of ['add', 'compareExchange', 'exchange', 'load', 'notify', 'store', 'wait']) failing(Atomics, name);
  for (const name of ['ceil', 'floor', 'max', 'min']) failing(Math, name);
  failing(performance, 'now');
  return () => calls;
}

// Wherever V8 may say that the stack has ended: at each call in turn, for a while or to the end of the job.
test.each([1, 2, 3, 5, Infinity])('no cell is lost where %s calls in a row find no stack', (times) => {
  let cells = 0;
  const run = tenByTen((rows, columns) => {
    cells += rows * columns;
  });
  let thrown = 0;
  for (let first = 1, reached = true; reached; first++) {
    const calls = stackEnds(first, times);
    try {
      run();
    } catch (error) {
      expect(error).toBeInstanceOf(RangeError);
      thrown++;
    }
    reached = calls() >= first;
    vi.restoreAllMocks();
    cells = 0;
    run(); // and no ThreadError, as for a cell that never ends
    expect(cells).toBe(100);
  }
  expect(thrown).toBeGreaterThan(50);
});
