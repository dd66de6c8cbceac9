import * as word from './control.js';
import { Participant } from './participant.js';

/** How long a worker looks for a job before it sleeps, in ms: longer than the gaps inside a training step. */
const SPIN = 0.1;
/** Polls between two looks at the clock. */
const POLLS = 100;

/** The life of a worker: jobs until it is told to stop. Sleeps without polling when there are none. */
export function serve(
  { module, memory, control, kernels, worker, scratch }: word.WorkerStart,
  ready: () => void,
): void {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const participant = new Participant(memory, control, exports, kernels, worker + 1, scratch);
  const { words } = participant;
  const state = word.STATES + worker;
  Atomics.store(words, state, word.STATE.awake);
  ready();
  while (Atomics.load(words, word.STOP) === 0) {
    spin(participant);
    // Announced before the last look: a job that is published after it finds this worker asleep and wakes it.
    Atomics.store(words, state, word.STATE.asleep);
    const sequence = Atomics.load(words, word.SEQUENCE);
    if (!word.anyLeft(words) && Atomics.load(words, word.STOP) === 0) {
      Atomics.wait(words, word.SEQUENCE, sequence);
    }
    Atomics.store(words, state, word.STATE.awake);
  }
  Atomics.store(words, state, word.STATE.absent);
}

/** Works until there was nothing to do for a while. */
function spin(participant: Participant): void {
  for (let end = performance.now() + SPIN; performance.now() < end; ) {
    let worked = false;
    for (let polls = POLLS; polls > 0; polls--) worked = participant.work() || worked;
    if (worked) end = performance.now() + SPIN;
  }
}
