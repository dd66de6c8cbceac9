import { fork } from 'node:child_process';
import { once } from 'node:events';
import { families } from './index';
import { compare, type Row } from './support/compare';
import type { Library } from './support/contender';
import { load, loadWith, sweepOf } from './support/library';
import { commandOf, printMachine } from './support/machine';
import { OURS } from './support/names';
import { countOf, fail, readArguments, shapesWith, simdOf } from './support/options';
import { Roof } from './support/roof';
import { significant, Table } from './support/table';

const USAGE = `npm run bench [-- [name…] [options]]
  name               a family (${Object.keys(families).join(', ')}) or one operation, with all its sizes
  --shape text       only shapes that contain this, no part of a number, x for ×
  --sweep NAME=a,b   also with the constant NAME of assembly/ or src/ set to a, to b, …; where several files have one of
                     that name, as gemm/params:NAME=a,b
  --simd baseline    the kernels of engines without relaxed SIMD
  --rounds n         rounds of each contender (15; 9 without a name, to stay under two minutes)`;

const { values: options, positionals: names } = readArguments(
  USAGE,
  {
    shape: { type: 'string', default: '' },
    sweep: { type: 'string' },
    simd: { type: 'string' },
    rounds: { type: 'string' },
    part: { type: 'string' }, // between the processes of one run: only the lines, of the `short` run or of the `full` one
  },
  { names: true },
);
const wantedSimd = simdOf(options.simd);
const rounds = countOf('--rounds', options.rounds ?? (names.length > 0 ? '15' : '9'));
const sweep = options.sweep === undefined ? undefined : sweepOf(options.sweep);
const chosen = choose();
const wantedShape = shapesWith(options.shape);

const ours = await load(wantedSimd);
const { simd, threads } = ours.backendInfo();
const libraries = new Map<string, Library>([[OURS, ours]]);
for (const value of sweep?.values ?? []) {
  libraries.set(`${sweep!.name}=${value}`, await loadWith(sweep!, value, simd));
}

const full = options.part === undefined ? names.length > 0 : options.part === 'full';
const table = new Table([...libraries.keys()].map((name) => (sweep ? `${name}, of tensors` : name)));
if (options.part !== undefined) {
  const part = measureAll();
  await new Promise((sent) => process.send!(part, sent));
  process.exit(0);
}
printMachine(simd, threads, commandOf('bench'));
console.log();
table.printHead();
// A process for each operation: what ran before it decides how V8 compiles the loops of plain JavaScript.
const rows = sweep || chosen.length === 1 ? measureAll() : await inProcesses();

if (rows.length === 0)
  fail(`--shape ${options.shape}: ${names.join(', ') || 'the short run'} has none that contains it`);
const square = rows.find(
  ({ bench, shape, contender }) => bench === 'gemm' && shape === '512×512×512' && contender === OURS,
);
if (square?.overJs) console.log(`\ngemm 512×512×512: ${significant(square.overJs)} times plain JavaScript`);
console.log(
  '\nEvery figure is the median over rounds in which all contenders of a line took turns; ± is half the distance of the' +
    '\nquartiles. The roof of GFLOP/s is a multiply-add loop in registers, that of GB/s a copy that reads and writes as' +
    '\nmany bytes, or, for what only reads (gemv, reductions), a loop that reads them, all timed in the same rounds.' +
    '\nRatios are medians of the ratio within a round.',
);
const wrong = rows.filter((row) => row.wrong !== undefined);
if (wrong.length > 0) {
  console.log(`\n${wrong.length} wrong answers, see above.`);
  process.exitCode = 1;
}

function measureAll(): Row[] {
  const roof = new Roof(simd);
  const rows: Row[] = [];
  for (const bench of chosen) {
    for (const make of full ? [...bench.cases, ...bench.more] : bench.cases) {
      const work = make();
      if (!wantedShape(work.shape)) continue;
      for (const row of compare(bench.name, work, libraries, roof, rounds)) {
        rows.push(row);
        table.print(row);
      }
    }
  }
  return rows;
}

async function inProcesses(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const { name } of chosen) {
    const given = Object.entries({ ...options, rounds, part: full ? 'full' : 'short' });
    const args = given.flatMap(([option, value]) => (value === undefined ? [] : [`--${option}`, String(value)]));
    const child = fork(process.argv[1]!, [name, ...args], { serialization: 'advanced' });
    // A child that fails says why, and sends nothing.
    const sent = once(child, 'message');
    const ended = once(child, 'exit');
    const [status] = await ended;
    if (status !== 0) process.exit(status ?? 1);
    rows.push(...((await sent)[0] as Row[]));
  }
  return rows;
}

function choose() {
  if (names.length === 0) return Object.values(families).flat();
  const all = Object.values(families).flat();
  return names.flatMap((name) => {
    const known = name === 'step' ? 'training step' : name;
    const found =
      (options.part === undefined && Object.hasOwn(families, name) && families[name]) ||
      all.filter((bench) => bench.name === known);
    return found.length > 0
      ? found
      : fail(
          `${name}: neither a family nor one of ${all.map((bench) => bench.name.replace('training step', 'step')).join(', ')}`,
        );
  });
}
