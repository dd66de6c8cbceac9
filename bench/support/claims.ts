import { EVERYTHING, OURS, PLAIN } from './names';
import { bestPeer, type Line, linesOf, ours, type Results } from './results';
import { significant } from './table';

/** Something that this package wants to be true, and what a run says about it. */
export interface Claim {
  text: string;
  /** As measured, worst case first. */
  measured: string;
  /** The medians, from the worst to the best case. */
  range: string;
  /** The worst case of the best rounds. */
  undisturbed?: string;
  /** `undisturbed`: in the best rounds, in which the core was ours, but not in the median. */
  met: 'yes' | 'undisturbed' | 'no';
}

const byHand = (contender: string) => contender.endsWith('by hand');
const ownGradients = (contender: string) => contender === 'tfjs wasm, own gradients';
const SQUARE = /^(\d+)×\1×\1$/;
const isSquare = ({ operation, shape }: Line) => operation === 'matmul' && SQUARE.test(shape);
const sizeOf = ({ shape }: Line) => Number.parseInt(shape, 10);

export function claims({ groups, head }: Results): Claim[] {
  // Separate multiplications and additions are bound by instruction issue, so less of the roof is within reach.
  const baseline = head.some(([name, value]) => name === 'variant' && value === 'baseline');
  const part = baseline ? 0.88 : 0.9;
  const lines = linesOf(Object.values(groups).flat());
  const of = (operation: string, shape = /./) => lines.filter((l) => l.operation === operation && shape.test(l.shape));
  const squares = lines.filter(isSquare);
  const small = of('training step', /^784-50/);
  const large = of('training step', /^784-1024/);
  const overJs = (line: Line) => line.rows.find(({ contender }) => contender === PLAIN)?.overOurs;
  const overTensors = (line: Line) => line.rows.find(({ contender }) => contender === `${OURS}, of tensors`)?.overOurs;
  return [
    atLeast('matmul ≥ 1.3 × the best peer, every size', 1.3, of('matmul', /^[^N]*$/), overPeer()),
    ofRoof(
      'matmul ≥ 90 % of the roof from 128³ to 2048³ (without fused multiply-add 88 %)',
      part,
      squares.filter((l) => sizeOf(l) >= 128),
    ),
    baseline
      ? undefined
      : ofRoof(
          'matmul ≥ 85 % of the roof at 64³',
          0.85,
          squares.filter((l) => sizeOf(l) === 64),
        ),
    forms(of('forms')),
    ofRoof(
      'one row by a matrix that comes from memory: ≥ 80 % of the speed of a loop that only reads it',
      0.8,
      of('one row', /memory/),
    ),
    ofRoof(
      'one row by a matrix in the caches: ≥ 70 % of the speed of a loop that only reads it',
      0.7,
      of('one row', /^[^m]*$/),
    ),
    ofRoof(
      'relu, add, mul, SGD of 10⁶: ≥ 95 % of the speed of a copy of as many bytes',
      0.95,
      lines.filter((l) => /^(relu|add|mul|sgd)$/.test(l.operation) && l.shape !== '10000'),
    ),
    ofRoof('relu of 10⁴, in the caches: ≥ 95 % of the speed of a copy of as many bytes', 0.95, of('relu', /^10000$/)),
    atLeast('sigmoid, tanh ≥ 1.3 × the best peer', 1.3, [...of('sigmoid'), ...of('tanh')], overPeer()),
    atLeast(
      'softmax, softmax + loss ≥ 1.3 × the best peer',
      1.3,
      [...of('softmax'), ...of('softmax + loss')],
      overPeer(),
    ),
    atLeast(
      'training step 784-50-10 ≥ 2 × the best peer, its backward pass written by hand',
      2,
      small,
      overPeer(byHand),
    ),
    atLeast('training step 784-50-10 ≥ 8 × TensorFlow.js with its own gradients', 8, small, overPeer(ownGradients)),
    atLeast('training step 784-1024-1024-10 ≥ 1.7 × the best peer', 1.7, large, overPeer()),
    atLeast(
      'matmul, training step 784-1024-1024-10 with threads ≥ 1.3 × the best peer that has as many',
      1.3,
      lines.filter((l) => l.operation.endsWith(' threads')),
      overPeer(),
    ),
    atLeast(
      'training step 2-3-2, batch 1: ≥ 0.2 × plain JavaScript (no more than 5 times as long)',
      0.2,
      of('training step', /^2-3-2 batch 1$/),
      overJs,
    ),
    atLeast(
      'training step 2-3-2, batch 32: ≥ 1 × plain JavaScript',
      1,
      of('training step', /^2-3-2 batch 32$/),
      overJs,
    ),
    atLeast('sgemm ≥ 1 × a loop of plain JavaScript that checks nothing, from 1³ to 512³', 1, of('sgemm'), overJs),
    atLeast(
      'sgemm, which copies its arrays in and out, ≥ 0.9 × matmul of tensors, from 64³ on',
      0.9,
      of('sgemm', SQUARE).filter((l) => sizeOf(l) >= 64),
      overTensors,
    ),
    overhead(of('call')),
    start(of('start', /^process/)),
    download(of('download')),
  ].filter((claim) => claim !== undefined);
}

/** Text of a figure, and what it is a number of. */
interface Unit {
  digits: (x: number) => string;
  name: string;
}
const PERCENT: Unit = { digits: (x) => (x * 100).toFixed(1), name: ' %' };
const TIMES: Unit = { digits: significant, name: ' ×' };
const NANOSECONDS: Unit = { digits: (x) => x.toFixed(0), name: ' ns' };
const MILLISECONDS: Unit = { digits: (x) => (x * 1e3).toFixed(1), name: ' ms' };
const BYTES: Unit = { digits: (x) => x.toLocaleString('en'), name: ' bytes' };
const print = (x: number, { digits, name }: Unit) => digits(x) + name;

function range(values: number[], { digits, name }: Unit): string {
  const [low, high] = [digits(Math.min(...values)), digits(Math.max(...values))];
  return low === high ? low + name : `${low} to ${high}${name}`;
}

const overPeer = (way?: (contender: string) => boolean) => (line: Line) => bestPeer(line, way)?.overOurs;

/** Part of the roof, in the median and in the best rounds. */
function ofRoof(text: string, floor: number, lines: Line[]): Claim | undefined {
  return atLeast(
    text,
    floor,
    lines,
    (line) => ours(line)?.ofRoof,
    PERCENT,
    (line) => ours(line)?.undisturbed,
  );
}

function atLeast(
  text: string,
  floor: number,
  lines: Line[],
  value: (line: Line) => number | undefined,
  unit = TIMES,
  bestOf?: (line: Line) => number | undefined,
): Claim | undefined {
  const several = new Set(lines.map(({ operation }) => operation)).size > 1;
  const all = lines.map((line) => ({
    shape: several ? `${line.operation} ${line.shape}` : line.shape,
    value: value(line),
    best: bestOf?.(line),
  }));
  const found = all
    .filter((entry): entry is { shape: string; value: number; best: number | undefined } => entry.value !== undefined)
    .sort((a, b) => a.value - b.value);
  if (all.length === 0) return undefined;
  const missing = all.filter((entry) => entry.value === undefined).map(notMeasured);
  if (found.length === 0) return unmeasured(text, missing);
  const holds = missing.length === 0 && found[0]!.value >= floor;
  const worstBest = Math.min(...found.map((entry) => entry.best ?? entry.value));
  return {
    text,
    measured: [
      ...missing,
      ...found.map(
        ({ value, best, shape }) =>
          `${print(value, unit)}${best ? `, undisturbed ${print(best, unit)}` : ''} (${shape})`,
      ),
    ].join(bestOf ? '; ' : ', '),
    range: range(
      found.map(({ value }) => value),
      unit,
    ),
    undisturbed: print(worstBest, unit),
    met: holds ? 'yes' : missing.length === 0 && worstBest >= floor ? 'undisturbed' : 'no',
  };
}

/** A line without a figure, because we or all peers failed in it, proves nothing. */
const notMeasured = ({ shape }: { shape: string }) => `not measured (${shape})`;

/** Not one line of it has a figure. */
function unmeasured(text: string, missing: string[]): Claim {
  return { text, measured: missing.join(', '), range: 'not measured', met: 'no' };
}

/** The speed of the same product with a transposed operand, in the same rounds. */
function forms(lines: Line[]): Claim | undefined {
  const text =
    'matmul with aᵀ or bᵀ (TN, NT), from 64³ to 512³ and in a layer of 784-50: ≥ 95 % of the speed of a·b (NN)';
  const all = lines.flatMap(({ shape, rows }) =>
    ['NT', 'TN'].map((form) => {
      const row = rows.find(({ contender }) => contender === `${OURS}, ${form}`);
      return { shape: `${shape} ${form}`, part: 1 / (row?.overOurs ?? NaN) };
    }),
  );
  if (all.length === 0) return undefined;
  const missing = all.filter(({ part }) => Number.isNaN(part)).map(notMeasured);
  const found = all.filter(({ part }) => !Number.isNaN(part)).sort((a, b) => a.part - b.part);
  if (found.length === 0) return unmeasured(text, missing);
  return {
    text,
    measured: [...missing, ...found.map(({ shape, part }) => `${print(part, PERCENT)} (${shape})`)].join(', '),
    range: range(
      found.map(({ part }) => part),
      PERCENT,
    ),
    met: missing.length === 0 && found[0]!.part >= 0.95 ? 'yes' : 'no',
  };
}

/** The loop itself is what plain JavaScript needs for it. */
function overhead(lines: Line[]): Claim | undefined {
  const text = 'a call on 4 elements, with `out` or in a layer: ≤ 150 ns more than a plain loop that checks nothing';
  const all = lines.map((line) => {
    const js = line.rows.find(({ contender }) => contender === PLAIN);
    const of = (time: 'median' | 'best') => ((ours(line)?.[time] ?? NaN) - (js?.[time] ?? NaN)) * 1e9;
    return { shape: line.shape, ns: of('median'), best: of('best') };
  });
  if (all.length === 0) return undefined;
  const missing = all.filter(({ ns }) => Number.isNaN(ns)).map(notMeasured);
  const over = all.filter(({ ns }) => !Number.isNaN(ns)).sort((a, b) => b.ns - a.ns);
  if (over.length === 0) return unmeasured(text, missing);
  const holds = missing.length === 0 && over[0]!.ns <= 150;
  const worstBest = Math.max(...over.map(({ best }) => best));
  return {
    text,
    measured: [
      ...missing,
      ...over.map(({ shape, ns, best }) => `${print(ns, NANOSECONDS)}, undisturbed ${best.toFixed(0)} (${shape})`),
    ].join('; '),
    range: range(
      over.map(({ ns }) => ns),
      NANOSECONDS,
    ),
    undisturbed: print(worstBest, NANOSECONDS),
    met: holds ? 'yes' : missing.length === 0 && worstBest <= 150 ? 'undisturbed' : 'no',
  };
}

function start([line]: Line[]): Claim | undefined {
  const js = line?.rows.find(({ contender }) => contender === PLAIN)?.median;
  if (line === undefined) return undefined;
  const after = line.rows
    .filter(({ contender, median }) => contender !== PLAIN && median !== undefined)
    .map(({ contender, median }) => ({ contender, seconds: median! - (js ?? NaN) }));
  const mine = after.find(({ contender }) => contender === OURS)?.seconds ?? NaN;
  const text = 'from the start of a process to its first 64³: ≤ 20 ms more than with plain JavaScript';
  if (Number.isNaN(mine)) return unmeasured(text, [notMeasured(line)]);
  return {
    text,
    measured: after.map(({ contender, seconds }) => `${print(seconds, MILLISECONDS)} (${contender})`).join(', '),
    range: print(mine, MILLISECONDS),
    met: mine <= 0.02 ? 'yes' : 'no',
  };
}

function download(lines: Line[]): Claim | undefined {
  const row = lines[0]?.rows.find(({ contender }) => contender === EVERYTHING);
  if (!row) return undefined;
  const bytes = Number(row.note);
  return {
    text: 'download of everything but threads ≤ 40,000 bytes, gzip',
    measured: print(bytes, BYTES),
    range: print(bytes, BYTES),
    met: bytes <= 40_000 ? 'yes' : 'no',
  };
}
