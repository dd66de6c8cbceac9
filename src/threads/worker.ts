import * as word from './control.js';
import { State, type WorkerStart } from './control.js';
import { Participant } from './participant.js';

/** How often a worker looks for a job before it sleeps: about 100 µs, longer than the gaps inside a training step. */
const POLLS = 20_000;

/** The life of a worker: jobs until it is told to stop. Sleeps without polling when there are none. */
export function serve({ module, memory, control, kernels, worker, scratch }: WorkerStart, ready: () => void): void {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const participant = new Participant(memory, control, exports, kernels, scratch);
  const { words } = participant;
  const state = word.STATES + worker;
  Atomics.store(words, state, State.awake);
  ready();
  while (Atomics.load(words, word.STOP) === 0) {
    try {
      for (let polls = POLLS; polls > 0; polls--) if (participant.work() > 0) polls = POLLS;
    } catch (error) {
      // A trap: the chunk is not done, and the caller must hear of it instead of waiting.
      Atomics.store(words, word.FAULT, worker + 1);
      Atomics.add(words, word.ENDED, 1);
      Atomics.notify(words, word.ENDED);
      throw error;
    }
    // Announced before the last look: a job that is published after it finds this worker asleep and wakes it.
    Atomics.store(words, state, State.asleep);
    const sequence = Atomics.load(words, word.SEQUENCE);
    if (Atomics.load(words, word.LEFT) <= 0 && Atomics.load(words, word.STOP) === 0) {
      Atomics.wait(words, word.SEQUENCE, sequence);
    }
    Atomics.store(words, state, State.awake);
  }
  Atomics.store(words, state, State.absent);
}
