import { setTimeout as sleep } from 'node:timers/promises';
import type { PeerContender } from './peer';
import { setMaglev, type Timing } from './timing';

/** Seconds of a round of one contender, seconds before the first round, and what a slow contender may take in all. */
const ROUND = 0.008;
const WARM = 0.25;
const LONGEST = 1.2;

/** As `measure` of timing.ts, for work that may be asynchronous or in another process. */
export async function measureRounds(
  contenders: readonly PeerContender[],
  rounds: number,
  { lead = 0, rest = 0, longest = LONGEST } = {},
): Promise<Timing[]> {
  const clocks = contenders.map((contender) => new Clock(contender, lead, rest));
  const timings = contenders.map((): (number | undefined)[] => []);
  for (const clock of clocks) await clock.warm();
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < clocks.length; turn++) {
      const at = (turn + round) % clocks.length;
      const clock = clocks[at]!;
      timings[at]!.push(round % clock.every(rounds, longest) === 0 ? await clock.period() : undefined);
    }
  }
  return timings;
}

class Clock {
  readonly #contender: PeerContender;
  readonly #lead: number;
  readonly #rest: number;
  #asynchronous = false;
  #period = 0;

  constructor(contender: PeerContender, lead: number, rest: number) {
    this.#contender = contender;
    this.#lead = lead;
    this.#rest = rest;
  }

  /** Until the time is up and the last tier has come, or after two runs of something slow. */
  async warm(): Promise<void> {
    const { warm } = this.#contender;
    setMaglev(warm === undefined);
    const first = this.#contender.run?.();
    this.#asynchronous = first instanceof Promise;
    await first;
    const start = performance.now();
    let runs = 0;
    let count = 1;
    while (performance.now() - start < (warm ?? WARM) * 1000) {
      await this.#time(count);
      runs += count;
      count = Math.min(2 * count, 1000);
    }
    setMaglev(true);
    this.#period = (performance.now() - start) / 1000 / runs;
  }

  /** Takes part in every so-many-th round, a power of two: of two contenders the slower one meets the other in all of its rounds. */
  every(rounds: number, longest: number): number {
    const wanted = (this.#period * rounds) / longest;
    return 2 ** Math.max(0, Math.min(Math.ceil(Math.log2(wanted)), Math.floor(Math.log2(rounds / 2))));
  }

  async period(): Promise<number> {
    const count = Math.max(1, Math.round(ROUND / this.#period));
    if (this.#rest > 0) await sleep(1000 * this.#rest);
    if (this.#lead > 0) await this.#time(Math.max(1, Math.round(this.#lead / this.#period)));
    this.#period = (await this.#time(count)) / count;
    return this.#period;
  }

  async #time(count: number): Promise<number> {
    const { run, time } = this.#contender;
    if (time) return time(count);
    const start = performance.now();
    if (this.#asynchronous) for (let i = 0; i < count; i++) await run!();
    else for (let i = 0; i < count; i++) run!();
    return (performance.now() - start) / 1000;
  }
}
