import { setFlagsFromString } from 'node:v8';
import Benchmark from 'benchmark';

/** Whether this V8 has its middle tier, Maglev, by default. */
const HAS_MAGLEV = Number(process.versions.v8.split('.')[0]) >= 12;

/**
 * Maglev off, or on again. Plain JavaScript is warmed up without it, to be at its best: V8 13 may keep a loop in the code of that
 * tier for seconds, up to eight times slower than that of its last, which it gets at once this way (bench/NOTES.md).
 */
export function setMaglev(on: boolean): void {
  if (HAS_MAGLEV) setFlagsFromString(on ? '--maglev' : '--no-maglev');
}

/** Seconds of a round of one contender: a slow phase of a shared machine then spans whole rounds of all of them. */
const ROUND = 0.006;
/** Seconds before the first round, in which V8's last tier comes. */
const WARM = 0.05;
/** The same for plain JavaScript, whose loops V8 compiles alone at first, and as a part of their callers only after a while. */
export const WARM_JS = 0.5;

/**
 * Seconds of the same work before each round of several threads: a worker that slept while the others took their turns is awake
 * then, and so is its core, which a host gives back only over some ms.
 */
export const LEAD = 0.015;
/**
 * Seconds of rest before that, where the contenders have threads of their own: those of ONNX Runtime Web spin for 10 (Zen 5) to
 * 60 ms (Zen 3) after a call, on a core that the next contender wants.
 */
export const REST = 0.1;

/** Seconds per run in each round; undefined where the contender sat it out. */
export type Timing = readonly (number | undefined)[];

/** Whatever was computed last: an engine cannot know that nobody reads it. */
export let sink: unknown;

/**
 * Times contenders in short rounds, all of them in each round and in changing order, so that they share the machine's
 * moods. benchmark.js finds how many runs fill a round, and times them. Before each round a contender runs for `lead`
 * seconds untimed; a slow one takes `longest` seconds in all, about, and sits out most rounds.
 */
export function measure(
  contenders: readonly { run(): unknown; warm?: number }[],
  rounds: number,
  { lead = 0, longest = 1 } = {},
): Timing[] {
  const clocks = contenders.map((contender) => new Clock(contender, lead));
  const timings = contenders.map((): (number | undefined)[] => []);
  for (const clock of clocks) clock.warm();
  for (let round = 0; round <= rounds; round++) {
    for (let turn = 0; turn < clocks.length; turn++) {
      const at = (turn + round) % clocks.length;
      const clock = clocks[at]!;
      const period = round % clock.every(rounds, longest) === 0 ? clock.period() : undefined;
      if (round > 0) timings[at]!.push(period);
    }
  }
  return timings;
}

class Clock {
  readonly #run: () => void;
  readonly #lead: number;
  readonly #warm: number | undefined;
  #count = 1;
  /** Seconds per run in the last round. */
  #last = 0;

  constructor(contender: { run(): unknown; warm?: number }, lead: number) {
    this.#warm = contender.warm;
    this.#run = () => {
      sink = contender.run();
    };
    this.#lead = lead;
  }

  warm(): void {
    setMaglev(this.#warm === undefined);
    this.#runFor(this.#warm ?? WARM);
    setMaglev(true);
  }

  /**
   * Takes part in one round of this many, but in two at least. Twice its time counts: benchmark.js runs it once untimed.
   * A power of two, so that of two contenders the slower one meets the other in all of its rounds.
   */
  every(rounds: number, longest: number): number {
    const wanted = (2 * this.#last * rounds) / longest;
    return 2 ** Math.max(0, Math.min(Math.ceil(Math.log2(wanted)), Math.floor(Math.log2(rounds / 2))));
  }

  /** Seconds per run over one round. */
  period(): number {
    let calls = 0;
    // As text, since benchmark.js has no other way to do something right before the first timed run.
    const clock = Object.assign(
      new Benchmark('', 'this.work()', {
        setup: 'this.lead()',
        async: false,
        minTime: ROUND,
        maxTime: -1, // one sample: the rounds are the statistics
        minSamples: 1,
        initCount: this.#count,
      }),
      {
        work: this.#run,
        lead: () => {
          if (calls++ > 0) this.#runFor(this.#lead); // the first call is of a trial
        },
      },
    );
    clock.run();
    const [period] = clock.stats.sample;
    if (period === undefined) throw clock.error;
    this.#last = period;
    this.#count = Math.max(1, Math.ceil(ROUND / period));
    return period;
  }

  #runFor(seconds: number): void {
    for (const end = performance.now() + seconds * 1000; performance.now() < end; ) this.#run();
  }
}

export function median(timing: Timing): number {
  return quantile(timing, 0.5);
}

export function best(timing: Timing): number {
  return quantile(timing, 0);
}

/** Half the distance of the quartiles, as a fraction of the median. */
export function spread(timing: Timing): number {
  return (quantile(timing, 0.75) - quantile(timing, 0.25)) / 2 / median(timing) || 0;
}

/** How many times longer a took than b: the median over rounds, since both of a round met the machine in one mood. */
export function ratio(a: Timing, b: Timing): number {
  return median(a.map((t, i) => (t === undefined || b[i] === undefined ? undefined : t / b[i])));
}

export function quantile(timing: Timing, q: number): number {
  const sorted = timing.filter((t) => t !== undefined).sort((a, b) => a - b);
  const at = q * (sorted.length - 1);
  const low = Math.floor(at);
  return sorted[low]! + (at - low) * (sorted[Math.ceil(at)]! - sorted[low]!);
}
