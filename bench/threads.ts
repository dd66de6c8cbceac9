import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import type { setThreads } from '../src/threads/index';
import type { limits } from '../src/threads/plan';
import { normal } from '../test/support/seeds';
import sigmoid from './elementwise/sigmoid.bench';
import { product } from './gemm/gemm.bench';
import type { Case, Library } from './support/contender';
import { machine } from './support/machine';
import { root } from './support/paths';
import { significant } from './support/table';
import { best, measure, median, ratio, spread } from './support/timing';
import { step } from './train/step.bench';

const USAGE = `npm run bench:threads [-- [case…] [options]]
  case               only the cases whose title contains one of these
  --threads a,b,…    numbers of threads beside 1 (2, 4, … up to the number of cores)
  --set NAME=a,b     also 2 threads with that limit of src/threads/plan.ts set to a, to b, …
  --simd baseline    the kernels of engines without relaxed SIMD
  --rounds n         rounds of each contender (31)`;

const { values: options, positionals: filters } = parseArgs({
  allowPositionals: true,
  options: {
    threads: { type: 'string' },
    set: { type: 'string' },
    simd: { type: 'string' },
    rounds: { type: 'string', default: '31' },
    help: { type: 'boolean' },
  },
});
if (options.help) {
  console.log(USAGE);
  process.exit(0);
}

type Limits = typeof limits;
interface Threaded extends Library {
  setThreads: typeof setThreads;
  limits: Limits;
}

const counts = options.threads?.split(',').map(Number) ?? powersOfTwo(availableParallelism());
const gemm = (m: number, k: number, n: number, form?: 'NT' | 'TN') => () =>
  ['gemm', product({ m, k, n, ...(form && { form }) })] as const;
const cases: (() => readonly [name: string, work: Case])[] = [
  ...[16, 64, 128, 192, 256, 384, 512, 1024, 2048].map((n) => gemm(n, n, n)),
  gemm(512, 512, 512, 'NT'),
  gemm(512, 512, 512, 'TN'),
  gemm(100, 784, 50),
  gemm(784, 100, 50, 'TN'),
  gemm(128, 784, 1024),
  ...[100, 10_000, 100_000, 1_000_000].map((n) => () => ['sigmoid', sigmoid.make(n)] as const),
  () => ['step', step({ sizes: [784, 50, 10], batch: 100 })],
  () => ['step', step({ sizes: [784, 1024, 1024, 10], batch: 128 })],
];

const alone = await copy('1');
const libraries = new Map<string, Threaded>();
for (const n of counts) libraries.set(`${n} threads`, await withThreads(`${n}`, n));
if (options.set !== undefined) {
  const [name, list = ''] = options.set.split('=');
  for (const value of list.split(',')) {
    const change = { [name!]: Number(value) } as Partial<Limits>;
    libraries.set(`${name} ${value}`, await withThreads(`${name}=${value}`, 2, change));
  }
}

for (const [name, value] of machine(alone.backendInfo().simd, Math.max(...counts), 'npm run bench:threads')) {
  console.log(`${name.padEnd(8)} ${value}`);
}
const columns = [...libraries.keys()];
const widths = columns.map((name) => Math.max(18, name.length));
line('', '1 thread µs', columns);
for (const make of cases) {
  const [name, work] = make();
  const title = `${name} ${work.shape}`;
  if (filters.length > 0 && !filters.some((filter) => title.includes(filter))) continue;
  const all = [alone, ...libraries.values()].map((library) => work.simdgrad(library));
  for (const contender of all) {
    contender.run();
    const wrong = work.check(contender.result());
    if (wrong !== undefined) throw new Error(`${title}: ${wrong}`);
  }
  const [first, ...timings] = measure(all, Number(options.rounds));
  const times = timings.map(
    (timing) =>
      `× ${ratio(first!, timing).toFixed(2)} ± ${(spread(timing) * 100).toFixed(0)}%, ${(best(first!) / best(timing)).toFixed(2)}`,
  );
  line(title, significant((median(first!) * 1e6) / (work.times ?? 1)), times);
  for (const contender of all) contender.dispose?.();
}
console.log(`
How many times faster than one thread: the median over rounds in which all took turns, and best round beside best
round, which is what free cores give.`);
if (filters.length === 0) await latency();

/** What a call pays for a second thread: two chunks on two threads against one chunk alone. */
async function latency(): Promise<void> {
  const chunk = 50_000;
  const pair = await withThreads('latency', 2, { least: 0, chunk: chunk * 9e-4, wake: 0 });
  const x = normal(2 * chunk, { seed: 1 });
  const [whole, half] = [pair.tensor(x), alone.tensor(x.subarray(0, chunk))];
  const sleep = new Int32Array(new SharedArrayBuffer(4));
  const time = (work: () => void, idle: number) => {
    const times = Array.from({ length: 300 }, () => {
      if (idle > 0) Atomics.wait(sleep, 0, 0, idle);
      const began = performance.now();
      work();
      return performance.now() - began;
    });
    return times.sort((a, b) => a - b)[150]! * 1000;
  };
  const both = () => void pair.sigmoid(whole, { out: whole });
  const one = () => void alone.sigmoid(half, { out: half });
  time(both, 0);
  time(one, 0);
  for (const [name, idle] of [
    ['awake', 0],
    ['asleep', 3],
  ] as const) {
    console.log(`dispatch, worker ${name}: ${significant(time(both, idle) - time(one, idle))} µs (median of 300)`);
  }
}

function line(title: string, first: string, cells: string[]): void {
  const rest = cells.map((cell, i) => cell.padStart(widths[i]!));
  console.log([title.padEnd(34), first.padStart(11), ...rest].join('  '));
}

async function withThreads(name: string, n: number, change: Partial<Limits> = {}): Promise<Threaded> {
  const library = await copy(name);
  Object.assign(library.limits, change);
  await library.setThreads(n);
  return library;
}

/** The built package once more, with an engine and threads of its own: so all take turns in one process. */
async function copy(name: string): Promise<Threaded> {
  const folder = join(root, 'build/bench/threads', name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  cpSync(join(root, 'dist'), join(folder, 'dist'), { recursive: true });
  const load = (file: string) => import(pathToFileURL(join(folder, 'dist', file)).href);
  const [library, threads, plan] = await Promise.all(['index.js', 'threads/index.js', 'threads/plan.js'].map(load));
  await library.init({ simd: options.simd });
  return { ...library, ...threads, ...plan };
}

function powersOfTwo(most: number): number[] {
  const list = [];
  for (let n = 2; n < most; n *= 2) list.push(n);
  return [...list, Math.max(2, most)];
}
