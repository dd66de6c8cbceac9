import { EventEmitter } from 'node:events';
import threads, { type Worker as NodeWorker, type WorkerOptions } from 'node:worker_threads';
import type { WorkerStart } from '../../src/threads/control';

const { Worker } = threads;

/** The workers of this process that have started and not ended. */
export const workers = new Set<NodeWorker>();

process.on('worker', (worker) => {
  workers.add(worker);
  worker.on('exit', () => workers.delete(worker));
});

/** Resolves when `condition` holds; rejects after `milliseconds`. */
export async function until(condition: () => boolean, milliseconds = 5000): Promise<void> {
  const end = performance.now() + milliseconds;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`not within ${milliseconds} ms: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** From now on, new workers come from `make`; by default, from Node again. */
export function makeWorkers(
  make: (source: URL, options: WorkerOptions) => NodeWorker = (source, options) => new Worker(source, options),
): void {
  threads.Worker = class {
    constructor(source: URL, options: WorkerOptions) {
      // biome-ignore lint/correctness/noConstructorReturn: what `new` gives is the point
      return make(source, options);
    }
  } as typeof Worker;
}

/** What a worker was started with, and its end. */
export interface Start extends WorkerStart {
  end(): void;
}

/** From now on, new workers say at once that they are ready, or what `answer` has them say, and do nothing. */
export function idleWorkers(answer = (worker: EventEmitter, _start: WorkerStart) => worker.emit('message')): Start[] {
  const starts: Start[] = [];
  makeWorkers(() => {
    const worker = new EventEmitter();
    const end = () => void worker.emit('exit');
    return Object.assign(worker, {
      postMessage(start: WorkerStart) {
        starts.push({ ...start, end });
        answer(worker, start);
      },
      ref() {},
      unref() {},
      terminate: async () => end(),
    }) as unknown as NodeWorker;
  });
  return starts;
}
