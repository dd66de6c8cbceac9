import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { MAXIMUM_WORKERS } from '../src/threads/control';
import type { setThreads } from '../src/threads/index';
import { limits } from '../src/threads/plan';
import { normal } from '../test/support/seeds';
import relu from './elementwise/relu.bench';
import sigmoid from './elementwise/sigmoid.bench';
import { product } from './gemm/gemm.bench';
import type { Case, Library } from './support/contender';
import { initialize } from './support/library';
import { commandOf, printMachine } from './support/machine';
import { countOf, fail, readArguments, simdOf } from './support/options';
import { root } from './support/paths';
import { RoofThreads } from './support/roof-threads';
import { significant } from './support/table';
import { best, LEAD, measure, median, quantile, ratio, spread, type Timing } from './support/timing';
import { step } from './train/step.bench';

const USAGE = `npm run bench:threads [-- [case…] [options]]
  case               only the cases whose title contains one of these
  --threads a,b,…    numbers of threads beside 1 (2, 4, … up to the number of cores)
  --set NAME=a,b     also 2 threads with that limit of src/threads/plan.ts set to a, to b, …
  --simd baseline    the kernels of engines without relaxed SIMD
  --rounds n         rounds of each contender (31)
  --processes n      the same in n new processes: the median of their medians, for calls so short that what the engine
                     made of the code in one process decides`;

const { values: options, positionals: filters } = readArguments(
  USAGE,
  {
    threads: { type: 'string' },
    set: { type: 'string' },
    simd: { type: 'string' },
    rounds: { type: 'string', default: '31' },
    processes: { type: 'string' },
    json: { type: 'boolean' },
  },
  { names: true },
);
const wantedSimd = simdOf(options.simd);
const rounds = countOf('--rounds', options.rounds);
const counts =
  options.threads?.split(',').map((n) => countOf('--threads', n)) ??
  powersOfTwo(Math.min(availableParallelism(), MAXIMUM_WORKERS + 1));
const outside = counts.find((n) => n < 2 || n > MAXIMUM_WORKERS + 1);
if (outside !== undefined) fail(`--threads ${outside}: not from 2 to ${MAXIMUM_WORKERS + 1}`);
const change = options.set === undefined ? undefined : limitOf(options.set);

if (options.processes !== undefined) {
  repeat(countOf('--processes', options.processes));
  process.exit(0);
}

/** Seconds that a case may take on one thread, so that products of a third of a second have a few rounds, too. */
const LONGEST = 5;

type Limits = typeof limits;
interface Threaded extends Library {
  setThreads: typeof setThreads;
  limits: Limits;
}

const gemm = (m: number, k: number, n: number, form?: 'NT' | 'TN') => () =>
  ['gemm', product({ m, k, n, ...(form && { form }) })] as const;
const cases: (() => readonly [name: string, work: Case])[] = [
  ...[16, 64, 128, 192, 256, 384, 512, 1024, 2048].map((n) => gemm(n, n, n)),
  gemm(512, 512, 512, 'NT'),
  gemm(512, 512, 512, 'TN'),
  gemm(100, 784, 50),
  gemm(784, 100, 50, 'TN'),
  gemm(128, 784, 1024),
  gemm(1, 4096, 1024),
  gemm(4, 4096, 1024),
  ...[100, 10_000, 100_000, 1_000_000].map((n) => () => ['sigmoid', sigmoid.make(n)] as const),
  () => ['relu', relu.make(100)],
  () => ['step', step({ sizes: [784, 50, 10], batch: 100 })],
  () => ['step', step({ sizes: [784, 1024, 1024, 10], batch: 128 })],
];

const alone = await copy('1');
const libraries = new Map<string, Threaded>();
for (const n of counts) libraries.set(`${n} threads`, await withThreads(`${n}`, n));
for (const value of change?.values ?? []) {
  const name = `${change!.name} ${value}`;
  libraries.set(name, await withThreads(name, 2, { [change!.name]: value }));
}

const { simd } = alone.backendInfo();
const roof = await RoofThreads.start(simd, 1);
const roofs = new Map<string, RoofThreads>();
for (const n of counts) roofs.set(`roof, ${n}`, await RoofThreads.start(simd, n));
const columns = [...libraries.keys(), ...roofs.keys()];
const widths = columns.map((name) => Math.max(18, name.length));
if (!options.json) {
  printMachine(simd, Math.max(...counts), commandOf('bench:threads'));
  line('', '1 thread µs', columns);
}
let shown = 0;
for (const make of cases) {
  const [name, work] = make();
  const title = `${name} ${work.shape}`;
  if (filters.length > 0 && !filters.some((filter) => title.includes(filter.replace(/(?<=\d)x(?=\d)/g, '×')))) continue;
  shown++;
  const all = [alone, ...libraries.values()].map((library) => work.simdgrad(library));
  for (const contender of all) {
    contender.run();
    const wrong = work.check(contender.result());
    if (wrong !== undefined) throw new Error(`${title}: ${wrong}`);
  }
  const timings = measure([...all, roof, ...roofs.values()], rounds, { lead: LEAD, longest: LONGEST });
  const [first, ofRoof] = [timings[0]!, timings[all.length]!];
  const pairs = [
    ...timings.slice(1, all.length).map((timing) => [first, timing] as const),
    ...timings.slice(all.length + 1).map((timing) => [ofRoof, timing] as const),
  ];
  if (options.json)
    console.log(JSON.stringify([title, pairs.map(([one, more]) => [ratio(one, more), best(one) / best(more)])]));
  else line(title, significant((median(first) * 1e6) / (work.times ?? 1)), pairs.map(compared));
  for (const contender of all) contender.dispose?.();
}
if (shown === 0) fail(`${filters.join(', ')}: in the title of no case`);
if (options.json) process.exit(0);
console.log(`
How many times faster than one thread: the median over rounds in which all took turns, each after ${LEAD * 1000} ms of the same
work, and best round beside best round, which is what free cores give. The roof is a loop in registers on as many
threads, which share nothing: what the machine had to give in the same rounds.`);
if (filters.length === 0) await latency();

/** What a call pays for a second thread: two cells on two threads against one cell alone. */
async function latency(): Promise<void> {
  const cell = 50_000;
  const pair = await withThreads('latency', 2, { least: 0, cell: cell * 9e-4, wake: 0 });
  const x = normal(2 * cell, { seed: 1 });
  const [whole, half] = [pair.tensor(x), alone.tensor(x.subarray(0, cell))];
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

function compared([one, more]: readonly [Timing, Timing]): string {
  const part = (spread(more) * 100).toFixed(0);
  return `× ${ratio(one, more).toFixed(2)} ± ${part}%, ${(best(one) / best(more)).toFixed(2)}`;
}

/** What `n` processes say, each with the arguments of this one: median and quartiles of every ratio, and the median of their best. */
function repeat(n: number): void {
  const args = process.argv.slice(1).filter((arg, i, all) => !/^--processes/.test(arg) && all[i - 1] !== '--processes');
  const ratios = new Map<string, [ratio: number, best: number][][]>();
  for (let i = 0; i < n; i++) {
    const { stdout: output, status } = spawnSync(process.execPath, [...args, '--json'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    if (status !== 0) process.exit(status ?? 1); // it said why
    for (const row of output.trim().split('\n')) {
      const [title, values] = JSON.parse(row) as [string, [number, number][]];
      ratios.set(title, [...(ratios.get(title) ?? []), values]);
    }
  }
  console.log(
    `How many times faster than one thread: median and quartiles over ${n} processes, and the median of best round beside best round; the roof last.`,
  );
  for (const [title, rows] of ratios) {
    const cells = rows[0]!.map((_, column) => {
      const of = (which: 0 | 1, q: number) =>
        quantile(
          rows.map((row) => row[column]![which]),
          q,
        ).toFixed(2);
      return `× ${of(0, 0.5)} [${of(0, 0.25)}, ${of(0, 0.75)}], ${of(1, 0.5)}`;
    });
    console.log([title.padEnd(34), ...cells].join('  '));
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
  await initialize(library, wantedSimd);
  return { ...library, ...threads, ...plan };
}

function limitOf(text: string): { name: keyof Limits; values: number[] } {
  const [name, list] = text.split('=');
  const values = list?.split(',').map(Number) ?? [];
  if (!list || !values.every(Number.isFinite)) fail(`--set ${text}: not NAME=a,b`);
  if (!Object.hasOwn(limits, name!)) fail(`--set ${text}: no limit, which are ${Object.keys(limits).join(', ')}`);
  return { name: name as keyof Limits, values };
}

function powersOfTwo(most: number): number[] {
  const list = [];
  for (let n = 2; n < most; n *= 2) list.push(n);
  return [...list, Math.max(2, most)];
}
