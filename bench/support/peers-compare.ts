import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildSync } from 'esbuild';
import type { Work } from '../peers/groups';
import { type Case, type Contender, type Library, wrongIn } from './contender';
import { BUSY, OURS, PLAIN } from './names';
import { isNewer, root } from './paths';
import type { Made, Peer, PeerContender } from './peer';
import type { Roof } from './roof';
import { measureRounds } from './rounds';
import { best, LEAD, median, REST, ratio, spread, type Timing, WARM_JS } from './timing';

/** One contender of one line of work. */
export interface PeerRow {
  operation: string;
  shape: string;
  contender: string;
  /** Seconds; absent where it was not timed. */
  median?: number;
  spread?: number;
  /** Of the shortest round, in which the machine was least disturbed. */
  best?: number;
  gflops?: number;
  /** Part of the roof measured in the same rounds: multiplications and additions in registers, or a copy. */
  ofRoof?: number;
  /** The shortest round beside the shortest one of the roof, over {@link QUIET} rounds more: what a free core gives. */
  undisturbed?: number;
  /** GFLOP/s of the roof in its best round. */
  roof?: number;
  /** How many times longer than simdgrad in the same rounds. */
  overOurs?: number;
  /** Why it was not timed, or what else is to be known. */
  note?: string;
  /** What a downloaded bundle holds. */
  imports?: string;
}

/** Rounds of us and the roof alone, some of which find the core free on a machine that is shared. */
const QUIET = 300;
/** Seconds that a slow product may take in them. */
const QUIET_LONGEST = 40;

/** Float operations from which on plain JavaScript is left out: it would take seconds a run. */
const LONGEST_PLAIN = 2 * 1024 ** 3;

/** Packages of bench/peers by file; NumPy is not one of JavaScript. */
export const PEERS = ['tfjs', 'onnxruntime', 'jax', 'numpy-ts', 'ml-matrix', 'brain', 'numpy'];
/** Those that have threads in Node. */
export const THREADED_PEERS = ['onnxruntime'];
/** How the note of a row begins whose answer was wrong. */
export const WRONG = 'wrong answer, not timed';

/** A peer, or why it cannot run here. */
export async function loadPeer(file: string, threads: number): Promise<Peer | { name: string; failure: string }> {
  try {
    const module = await import(pathToFileURL(adaptor(file)).href);
    return await module.default(threads);
  } catch (error) {
    return { name: file, failure: reason(error) };
  }
}

/** Where the adaptor of a peer is; that of tfjs is bundled first, beside the modules that it resolves. */
function adaptor(file: string): string {
  const source = join(root, `bench/peers/${file}.mjs`);
  if (file !== 'tfjs') return source;
  const outfile = join(root, 'bench/peers/node_modules/.bundled/tfjs.mjs');
  if (isNewer(source, outfile)) {
    buildSync({
      entryPoints: [source],
      outfile,
      bundle: true,
      platform: 'node',
      format: 'esm',
      mainFields: ['module', 'main'],
      banner: {
        js: `import { createRequire as r } from 'node:module'; const require = r(import.meta.url); const __filename = import.meta.filename; const __dirname = import.meta.dirname;`,
      },
      logLevel: 'error',
    });
  }
  return outfile;
}

/** Checks, then times, who can do a line of work: the package, plain JavaScript and the peers. */
export async function comparePeers(
  line: Work,
  library: Library,
  peers: readonly Peer[],
  roof: Roof,
  rounds: number,
): Promise<PeerRow[]> {
  const { operation, memoryBound, threads } = line;
  const work = line.make();
  const { shape } = work;
  const us = work.simdgrad(library);
  const { right, failed, entered } = await enterAll(line, work, us, library, peers);

  const top =
    threads === undefined
      ? roof.of(memoryBound ? { bytes: work.bytes, reads: work.reads } : { flop: work.flop }, us.copy)
      : undefined;
  const busy = top === undefined || work.flop === undefined ? undefined : roof.busy(work.flop);
  const loops = [busy, top].filter((loop) => loop !== undefined).map((loop) => ({ ...loop, result: () => [] }));
  const timings = await measureRounds([...right.map(({ contender }) => contender), ...loops], rounds, {
    ...(threads !== undefined && { lead: LEAD, rest: REST }),
  });
  const ourPlace = right.findIndex(({ name }) => name === OURS);
  const ours = timings[ourPlace];
  const quiet =
    ours && loops.length > 0 ? await measureRounds([us, ...loops], QUIET, { longest: QUIET_LONGEST }) : undefined;
  const undisturbed = (i: number, part: number) =>
    quiet && { undisturbed: best(quiet.at(-1)!) / top!.part / (best(quiet[i]!) / part) };
  const timed = right.map(({ name, note }, i) => ({
    operation,
    shape,
    contender: name,
    ...figures(work, timings[i]!, top && { timing: timings.at(-1)!, part: top.part }),
    ...(i === ourPlace && undisturbed(0, 1)),
    ...(ours && timings[i] !== ours && { overOurs: ratioOf(timings[i]!, ours) }),
    ...(note && { note }),
  }));
  for (const contender of entered) contender.dispose?.();
  if (busy === undefined) return [...failed, ...timed];
  const inCompany = busyRow(work.flop!, timings.at(-2)!, timings.at(-1)!, busy.part);
  return [...failed, ...timed, { operation, shape, ...inCompany, ...undisturbed(1, busy.part) }];
}

/** Who takes part, ourselves first. */
interface Entrants {
  right: { name: string; contender: PeerContender; note?: string }[];
  /** Those that gave a wrong answer or none. */
  failed: PeerRow[];
  /** All that were made, to be disposed of. */
  entered: PeerContender[];
}

/** Lets everybody do the work once, and checks the answer. */
async function enterAll(
  { operation, threads }: Work,
  work: Case,
  us: Contender,
  library: Library,
  peers: readonly Peer[],
): Promise<Entrants> {
  const entrants: Entrants = { right: [], failed: [], entered: [] };
  const enter = async (name: string, create: () => Made, by: 'us' | 'peer') => {
    const fail = (note: string) => entrants.failed.push({ operation, shape: work.shape, contender: name, note });
    try {
      const contender = await create();
      if (contender === undefined) return;
      entrants.entered.push(contender);
      const returned = await (contender.time ? contender.time(1).then(() => undefined) : contender.run!());
      const wrong = contender.unchecked ? undefined : wrongIn(work, returned, await contender.result(), by);
      if (wrong === undefined) entrants.right.push({ name, contender, note: contender.unchecked });
      else fail(`${WRONG}: ${wrong}`);
    } catch (error) {
      fail(`not run: ${reason(error)}`);
    }
  };
  await enter(OURS, () => us, 'us');
  for (const [way, contender] of Object.entries(work.others?.(library) ?? {})) {
    await enter(`${OURS}, ${way}`, () => contender, 'us');
  }
  if (work.js && threads === undefined && (work.flop ?? 0) < LONGEST_PLAIN) {
    await enter(PLAIN, () => ({ ...work.js!(), warm: 2 * WARM_JS }), 'us');
  }
  for (const peer of peers) {
    for (const [way, create] of Object.entries(work.peers?.(peer) ?? {})) {
      await enter(way === '' ? peer.name : `${peer.name}, ${way}`, create, 'peer');
    }
  }
  return entrants;
}

/** What the rounds of a contender say; `roof` does `part` of the work in each. */
function figures({ flop, times = 1 }: Case, timing: Timing, roof: { timing: Timing; part: number } | undefined) {
  return {
    median: median(timing) / times,
    spread: spread(timing),
    best: best(timing) / times,
    ...(flop !== undefined && { gflops: flop / median(timing) / 1e9 }),
    ...(roof && { ofRoof: ratio(roof.timing, timing) / roof.part }),
    ...(roof && flop !== undefined && { roof: (flop * roof.part) / best(roof.timing) / 1e9 }),
  };
}

/** The loop beside integer instructions, which does `part` of `flop` in a run, as a contender. */
function busyRow(flop: number, timing: Timing, roof: Timing, part: number) {
  return {
    contender: BUSY,
    median: median(timing) / part,
    spread: spread(timing),
    best: best(timing) / part,
    gflops: (flop * part) / median(timing) / 1e9,
    ofRoof: ratio(roof, timing),
  };
}

/** Rivals that sat out different rounds share none: then the medians must do. */
function ratioOf(a: Timing, b: Timing): number {
  const paired = ratio(a, b);
  return Number.isFinite(paired) ? paired : median(a) / median(b);
}

function reason(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0]!.slice(0, 160);
}
