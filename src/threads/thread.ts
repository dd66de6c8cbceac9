import { builtin } from '../engine/host.js';
import type { WorkerStart } from './control.js';
import { source as nodeSource } from './generated/worker_node.js';
import { source as webSource } from './generated/worker_web.js';

/** One worker, of Node or of the web. */
export interface Thread {
  /** Resolves when it can take part. @throws the reason why it cannot */
  readonly ready: Promise<void>;
  /** Resolves when it is gone, however that came, as far as the host tells. */
  readonly gone: Promise<void>;
  /** From now on it keeps the process alive. */
  ref(): void;
  /** From now on it does not. */
  unref(): void;
  terminate(): void;
}

interface NodeWorker {
  on(event: string, listener: (value: unknown) => void): void;
  postMessage(message: WorkerStart): void;
  ref(): void;
  unref(): void;
  terminate(): Promise<number>;
}
interface NodeThreads {
  Worker: new (source: URL, options: object) => NodeWorker;
}

/** Cores that this process may use. */
export function availableCores(): number {
  const os = builtin<{ availableParallelism(): number }>('node:os');
  return os?.availableParallelism() ?? globalThis.navigator?.hardwareConcurrency ?? 1;
}

/** Why there can be no shared memory or no worker here; `undefined` where there can. */
export function obstacle(): string | undefined {
  const hasWorkers = builtin('node:worker_threads') !== undefined || typeof Worker === 'function';
  if (!hasWorkers && ('clients' in globalThis || 'onconnect' in globalThis)) {
    return 'a service worker or shared worker cannot start workers; call setThreads in the page or in a worker of its own';
  }
  if (globalThis.crossOriginIsolated === false) {
    return (
      'this page is not cross-origin isolated: the server must send ' +
      'Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp ' +
      '(a frame of another origin needs allow="cross-origin-isolated", too, a sandboxed one allow-same-origin)'
    );
  }
  if (typeof SharedArrayBuffer === 'undefined') return 'this engine has no SharedArrayBuffer';
  if (hasWorkers) return undefined;
  return 'this engine has no workers that can be reached (in Node: 20.16, 22.3 or newer)';
}

/** Starts a worker; `workerUrl` is for pages whose Content-Security-Policy forbids `blob:`. @throws where it cannot */
export function startThread(start: WorkerStart, workerUrl: string | undefined): Thread {
  const threads = builtin<NodeThreads>('node:worker_threads');
  return threads === undefined ? startWeb(start, workerUrl) : startNode(threads, start);
}

function startNode({ Worker: Constructor }: NodeThreads, start: WorkerStart): Thread {
  const url = new URL(`data:text/javascript,${encodeURIComponent(nodeSource)}`);
  const worker = new Constructor(url, { execArgv: [], name: `simdgrad ${start.worker}` });
  const gone = new Promise<void>((resolve) => worker.on('exit', () => resolve()));
  const ready = new Promise<void>((resolve, reject) => {
    worker.on('message', () => resolve());
    worker.on('error', reject);
  });
  worker.postMessage(start);
  return {
    ready,
    gone,
    ref: () => worker.ref(),
    unref: () => worker.unref(),
    terminate: () => void worker.terminate(),
  };
}

function startWeb(start: WorkerStart, workerUrl: string | undefined): Thread {
  const blob =
    workerUrl === undefined ? URL.createObjectURL(new Blob([webSource], { type: 'text/javascript' })) : undefined;
  const worker = new Worker(workerUrl ?? blob!, { name: `simdgrad ${start.worker}` });
  let leave = () => {};
  const gone = new Promise<void>((resolve) => {
    leave = resolve;
  });
  const ready = new Promise<void>((resolve, reject) => {
    worker.onmessage = () => resolve();
    worker.onerror = (event) => {
      // Else the browser reports it as an error of the page.
      event.preventDefault();
      worker.terminate();
      const detail = event.message ? ` (${event.message})` : '';
      reject(new Error(`a worker could not start${detail}; ${ADVICE[workerUrl === undefined ? 'blob' : 'url']}`));
      leave();
    };
  });
  if (blob !== undefined) {
    const revoke = () => URL.revokeObjectURL(blob);
    ready.then(revoke, revoke);
  }
  worker.postMessage(start);
  return {
    ready,
    gone,
    ref: () => undefined,
    unref: () => undefined,
    terminate: () => {
      worker.terminate();
      leave();
    },
  };
}

const ADVICE = {
  blob: "if the page's Content-Security-Policy forbids blob:, pass { workerUrl }",
  url:
    'workerUrl must be of the same origin, and its response must have the same Cross-Origin-Embedder-Policy; ' +
    'a Content-Security-Policy may forbid data: addresses, which Vite makes of small files without ?url&no-inline',
};
