// The whole source of a Web Worker, bundled into one text by scripts/build-worker.mjs.
import type { WorkerStart } from './control.js';
import { serve } from './worker.js';

const scope = globalThis as unknown as {
  onmessage: ((event: { data: WorkerStart }) => void) | null;
  postMessage(message: string): void;
  close(): void;
};

scope.onmessage = ({ data }) => {
  serve(data, () => scope.postMessage('ready'));
  scope.close();
};
