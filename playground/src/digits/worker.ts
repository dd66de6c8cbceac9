// Learns in a worker, so that the page stays responsive whatever the size of the network.
import { backendInfo, ready } from 'simdgrad';
import { setThreads } from 'simdgrad/threads';
import { type Dataset, fetchDigits, split } from './dataset.js';
import { PIXELS } from './grid.js';
import type { FromWorker, Settings, ToWorker } from './messages.js';
import { Trainer } from './trainer.js';

interface Scope {
  onmessage: ((event: { data: ToWorker }) => void) | null;
  postMessage(message: FromWorker, transfer?: Transferable[]): void;
}
const scope = globalThis as Scope;

/** Milliseconds of steps before the worker listens again: a drawing waits no longer than this. */
const SLICE = 12;
/** Milliseconds from one step to the next at the slow pace. */
const SLOW = 60;
/** Milliseconds between reports of speed and weights, and the longest time without a measurement. */
const REPORT = 120;
const LONGEST = 1000;
/** The next measurement comes after so many times the steps: evenly spaced on a logarithmic axis. */
const GROWTH = 1.07;
const PICTURES = 60;
/** A network that knows nothing has a loss of 2.3; from here there is no way back, and NaN is near. */
const EXPLODED = 1000;

let data: Dataset | undefined;
let trainer: Trainer | undefined;
let settings: Settings;
let running = false;
/** Counts the starts: a slice that was under way when learning paused must not go on beside those of the next start. */
let chain = 0;
/** Milliseconds and examples of steps since the rate was last begun anew. */
let computing = 0;
let counted = 0;
let examplesPerSecond = Number.NaN;
let reported = 0;
let measured = 0;
let nextPoint = 0;
/** A reset that waits for others. */
let renewal: ReturnType<typeof setTimeout> | undefined;

// Its messages are queued behind those of the page, without the pause of 4 ms that timers insert.
const turn = new MessageChannel();
turn.port1.onmessage = ({ data: own }: MessageEvent<number>) => slice(own);

/** Threads start in a moment's time, in which no step may run on memory that is being moved. */
let busy: Promise<unknown> = Promise.resolve();

scope.onmessage = ({ data: message }) => {
  busy = busy.then(() => handle(message)).catch(fail);
};

async function handle(message: ToWorker): Promise<void> {
  if (message.type !== 'reset') settle();
  switch (message.type) {
    case 'load':
      settings = message.settings;
      await ready();
      data = split(await fetchDigits(message.url));
      reportBackend();
      reset();
      scope.postMessage({ type: 'loaded', train: data.train.labels.length, test: data.test.labels.length });
      break;
    case 'reset':
      settings = message.settings;
      resetSoon();
      break;
    case 'adjust':
      settings = message.settings;
      trainer?.adjust(settings);
      break;
    case 'start':
      if (running || trainer === undefined) break;
      running = true;
      chain++;
      reported = measured = performance.now();
      next();
      break;
    case 'pause':
      running = false;
      if (trainer !== undefined) report(performance.now());
      break;
    case 'threads':
      await setThreads(message.count);
      reportBackend();
      break;
    case 'recognize':
      if (trainer === undefined) break;
      scope.postMessage({ type: 'probabilities', values: trainer.recognize(message.pixels) });
      break;
    case 'sample':
      sample();
      break;
  }
}

/** Once for all that come in a row: a large network takes a second to make and to measure. */
function resetSoon(): void {
  clearTimeout(renewal);
  renewal = setTimeout(() => {
    busy = busy.then(settle).catch(fail);
  });
}

/** Does a reset that waits. */
function settle(): void {
  if (renewal === undefined) return;
  clearTimeout(renewal);
  renewal = undefined;
  reset();
}

function reset(): void {
  if (data === undefined) return;
  trainer?.dispose();
  trainer = new Trainer(data, settings);
  computing = counted = nextPoint = 0;
  examplesPerSecond = Number.NaN;
  point();
  report(performance.now());
}

function next(): void {
  if (!running) return;
  if (settings.pace === 'slow') setTimeout(slice, SLOW, chain);
  else turn.port2.postMessage(chain);
}

function slice(own: number): void {
  busy = busy.then(() => run(own)).catch(fail);
}

function run(own: number): void {
  if (!running || own !== chain || trainer === undefined) return;
  if (renewal !== undefined) {
    next();
    return;
  }
  const began = performance.now();
  let now = began;
  do {
    const before = now;
    trainer.step();
    now = performance.now();
    computing += now - before;
    counted += settings.batch;
    if (!(trainer.loss < EXPLODED)) {
      running = false;
      report(now);
      scope.postMessage({ type: 'diverged' });
      return;
    }
    if (trainer.steps >= nextPoint || now - measured > LONGEST) point();
    now = performance.now();
  } while (settings.pace === 'full' && now - began < SLICE);
  if (now - reported > REPORT) report(now);
  next();
}

function point(): void {
  if (trainer === undefined) return;
  scope.postMessage({ type: 'point', point: trainer.evaluate() });
  nextPoint = Math.max(trainer.steps + 1, Math.ceil(trainer.steps * GROWTH));
  measured = performance.now();
}

function report(now: number): void {
  if (trainer === undefined) return;
  if (computing > 0) examplesPerSecond = (1000 * counted) / computing;
  scope.postMessage({
    type: 'speed',
    speed: { examplesPerSecond, flops: examplesPerSecond * trainer.flopPerExample },
    examples: trainer.examples,
    epochs: trainer.epochs,
  });
  const weights = trainer.weights(PICTURES);
  scope.postMessage({ type: 'weights', ...weights }, [weights.pictures.buffer]);
  reported = now;
  if (computing > 500) computing = counted = 0;
}

function sample(): void {
  if (data === undefined) return;
  const { images, labels } = data.test;
  const i = Math.floor(Math.random() * labels.length);
  const pixels = images.data.slice(i * PIXELS, (i + 1) * PIXELS);
  scope.postMessage({ type: 'sample', pixels, label: labels[i]! });
}

function reportBackend(): void {
  const { threads, threadsReason } = backendInfo();
  scope.postMessage({ type: 'backend', backend: { threads, threadsReason } });
}

function fail(error: unknown): void {
  running = false;
  scope.postMessage({ type: 'failed', message: error instanceof Error ? error.message : String(error) });
}
