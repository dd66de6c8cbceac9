import { Worker } from 'node:worker_threads';
import type { Simd } from '../../src/wasm/simd';
import { compile, fastest } from './roof';

/** Float operations of a chunk: about 40 µs. */
const CHUNK = 2_304_000;
/** Chunks of one run: a few ms on one thread, so that waking the others is little of it. */
const CHUNKS = 100;
/** Indices of the words that the threads share: the number of the run, what is left of it, and what has ended. */
const [SEQUENCE, LEFT, ENDED] = [0, 16, 32];

/**
 * What the machine itself gives to n threads: loops that live in registers, with the integer instructions of a register
 * tile beside them (roof/roof.ts), which share nothing but the count of chunks. A landmark, since its
 * rounds may meet another mood of the cores than those of a product.
 */
export class RoofThreads {
  readonly #words = new Int32Array(new SharedArrayBuffer(256));
  readonly #chunk: () => void;
  readonly #workers: Worker[];

  private constructor(simd: Simd, workers: number) {
    const module = new WebAssembly.Module(compile(simd));
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 65535 });
    const loop = fastest(simd, new WebAssembly.Instance(module, { env: { memory } }).exports);
    const name = `${loop.name}_busy`;
    const turns = CHUNK / loop.flop;
    this.#chunk = chunkOf(module, name, turns);
    const workerData = { module, name, words: this.#words, turns, indices: [SEQUENCE, LEFT, ENDED] };
    const source = `const { workerData, parentPort } = require('node:worker_threads');
      (${serve})(workerData, ${chunkOf}, () => parentPort.postMessage('ready'));`;
    this.#workers = Array.from({ length: workers }, () => new Worker(source, { eval: true, workerData }));
  }

  static async start(simd: Simd, threads: number): Promise<RoofThreads> {
    const roof = new RoofThreads(simd, threads - 1);
    await Promise.all(roof.#workers.map((worker) => new Promise((ready) => worker.once('message', ready))));
    for (const worker of roof.#workers) worker.unref();
    return roof;
  }

  /** All chunks on the threads; without workers, on the caller. */
  run(): void {
    const words = this.#words;
    Atomics.store(words, ENDED, 0);
    Atomics.store(words, LEFT, CHUNKS);
    Atomics.add(words, SEQUENCE, 1);
    Atomics.notify(words, SEQUENCE);
    while (Atomics.sub(words, LEFT, 1) > 0) {
      this.#chunk();
      Atomics.add(words, ENDED, 1);
    }
    while (Atomics.load(words, ENDED) < CHUNKS);
  }
}

// The two functions below become the source of the worker: they name nothing outside of themselves.

function chunkOf(module: WebAssembly.Module, name: string, turns: number): () => void {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 65535 });
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const loop = exports[name] as (...args: number[]) => number;
  return () => void loop(turns, 0, 1, 3, 5);
}

interface Start {
  module: WebAssembly.Module;
  name: string;
  words: Int32Array;
  turns: number;
  indices: number[];
}

function serve({ module, name, words, turns, indices }: Start, makeChunk: typeof chunkOf, ready: () => void): void {
  const [sequence, left, ended] = indices as [number, number, number];
  const chunk = makeChunk(module, name, turns);
  for (let i = 0; i < 2000; i++) chunk(); // until the last tier has come
  ready();
  for (let last = 0; ; ) {
    for (const end = performance.now() + 0.1; Atomics.load(words, sequence) === last && performance.now() < end; );
    Atomics.wait(words, sequence, last);
    last = Atomics.load(words, sequence);
    while (Atomics.sub(words, left, 1) > 0) {
      chunk();
      Atomics.add(words, ended, 1);
    }
  }
}
