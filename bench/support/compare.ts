import { type Case, type Contender, type Library, wrongIn } from './contender';
import { PLAIN } from './names';
import type { Roof } from './roof';
import { best, measure, median, ratio, spread, type Timing, WARM_JS } from './timing';

/** One line of the table. */
export interface Row {
  bench: string;
  shape: string;
  contender: string;
  /** What is wrong with its answer: then it was not timed. */
  wrong?: string;
  /** Seconds. */
  median: number;
  /** Half the distance of the quartiles, relative. */
  spread: number;
  /** Seconds of the shortest round, in which the machine was least disturbed. */
  best: number;
  /** GFLOP/s or GB/s, and of what it is a part. */
  rate?: { value: number; unit: 'GFLOP/s' | 'GB/s'; ofRoof: number };
  /** How many times faster than plain JavaScript in the same rounds. */
  overJs?: number;
}

/** Checks, then times, who can do the work of a case: plain JavaScript, and the package with each set of kernels. */
export function compare(
  bench: string,
  work: Case,
  libraries: ReadonlyMap<string, Library>,
  roof: Roof,
  rounds: number,
): Row[] {
  const contenders = new Map<string, Contender>();
  for (const [name, library] of libraries) {
    contenders.set(name, work.simdgrad(library));
    for (const [way, contender] of Object.entries(work.others?.(library) ?? {})) {
      contenders.set(libraries.size > 1 ? `${name}, ${way}` : way, contender);
    }
  }
  if (work.js) contenders.set(PLAIN, { ...work.js(), warm: WARM_JS });

  const rows: Row[] = [];
  const right: [string, Contender][] = [];
  for (const [name, contender] of contenders) {
    const returned = contender.run();
    const wrong = wrongIn(work, returned, contender.result());
    if (wrong === undefined) right.push([name, contender]);
    else
      rows.push({
        bench,
        shape: work.shape,
        contender: name,
        wrong,
        median: Number.NaN,
        spread: Number.NaN,
        best: Number.NaN,
      });
  }

  const ours = right.map(([, contender]) => contender).find(({ copy }) => copy);
  const top = roof.of(work, ours?.copy);
  const timed: { run(): unknown }[] = right.map(([, contender]) => contender);
  if (top) timed.push(top);
  const timings = measure(timed, rounds);
  const js = timings[right.findIndex(([name]) => name === PLAIN)];
  for (const [i, [name]] of right.entries()) {
    rows.push(row(bench, name, work, timings[i]!, js, top && { timing: timings.at(-1)!, part: top.part }));
  }
  for (const contender of contenders.values()) contender.dispose?.();
  return rows;
}

function row(
  bench: string,
  contender: string,
  work: Case,
  timing: Timing,
  js: Timing | undefined,
  roof: { timing: Timing; part: number } | undefined,
): Row {
  const seconds = median(timing) / (work.times ?? 1);
  const result: Row = {
    bench,
    shape: work.shape,
    contender,
    median: seconds,
    spread: spread(timing),
    best: best(timing) / (work.times ?? 1),
  };
  const amount = work.flop ?? work.bytes ?? work.reads?.bytes;
  if (amount !== undefined && roof) {
    const value = amount / median(timing) / 1e9;
    const unit = work.flop === undefined ? 'GB/s' : 'GFLOP/s';
    result.rate = { value, unit, ofRoof: ratio(roof.timing, timing) / roof.part };
  }
  if (js && timing !== js) result.overJs = ratio(js, timing);
  return result;
}
