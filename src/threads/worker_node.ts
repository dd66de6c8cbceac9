// The whole source of a worker of Node, bundled into one text by scripts/build-worker.mjs.
import { parentPort } from 'node:worker_threads';
import type { WorkerStart } from './control.js';
import { serve } from './worker.js';

parentPort?.once('message', (start: WorkerStart) => serve(start, () => parentPort?.postMessage('ready')));
