import type { WorkerStart } from './control.js';
import { source as nodeSource } from './generated/worker_node.js';
import { source as webSource } from './generated/worker_web.js';

/** One worker, of Node or of the web. */
export interface Thread {
  /** Resolves when it can take part. @throws the reason why it cannot */
  readonly ready: Promise<void>;
  /** Resolves when it is gone, however that came. */
  readonly gone: Promise<void>;
  /** From now on it keeps the process alive. */
  ref(): void;
  /** From now on it does not. */
  unref(): void;
  terminate(): void;
}

/** How long a worker may take to start. */
const START_TIMEOUT = 10_000;

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
type Builtin = { getBuiltinModule?: (id: string) => unknown; versions?: { node?: string } };

/** The modules of Node, Deno and Bun without an import that a bundler would follow. */
function builtin<T>(id: string): T | undefined {
  const host = (globalThis as { process?: Builtin }).process;
  return host?.versions?.node === undefined ? undefined : (host.getBuiltinModule?.(id) as T | undefined);
}

/** Cores that this process may use. */
export function availableCores(): number {
  const os = builtin<{ availableParallelism(): number }>('node:os');
  return os?.availableParallelism() ?? globalThis.navigator?.hardwareConcurrency ?? 1;
}

/** Why there can be no shared memory or no worker here; `undefined` where there can. */
export function obstacle(): string | undefined {
  if (typeof SharedArrayBuffer === 'undefined' || globalThis.crossOriginIsolated === false) {
    return globalThis.crossOriginIsolated === false
      ? 'this page is not cross-origin isolated: the server must send Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp'
      : 'this engine has no SharedArrayBuffer';
  }
  if (builtin('node:worker_threads') !== undefined || typeof Worker === 'function') return undefined;
  return 'this engine has no workers that can be reached (in Node: 20.16, 22.3 or newer)';
}

/** Starts a worker; `workerUrl` is for pages whose Content-Security-Policy forbids `blob:`. */
export function startThread(start: WorkerStart, workerUrl: URL | string | undefined): Thread {
  const threads = builtin<NodeThreads>('node:worker_threads');
  return threads === undefined ? startWeb(start, workerUrl) : startNode(threads, start);
}

function startNode({ Worker: Constructor }: NodeThreads, start: WorkerStart): Thread {
  const url = new URL(`data:text/javascript,${encodeURIComponent(nodeSource)}`);
  const worker = new Constructor(url, { execArgv: [], name: `simdgrad ${start.worker}` });
  const gone = new Promise<void>((resolve) => worker.on('exit', () => resolve()));
  const ready = new Promise<void>((resolve, reject) => {
    worker.on('message', () => resolve());
    worker.on('error', (error) => reject(error));
    worker.on('exit', (code) => reject(new Error(`a worker ended with code ${code} before it was ready`)));
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

function startWeb(start: WorkerStart, workerUrl: URL | string | undefined): Thread {
  const blob =
    workerUrl === undefined ? URL.createObjectURL(new Blob([webSource], { type: 'text/javascript' })) : undefined;
  const worker = new Worker(workerUrl ?? blob!, { type: 'module', name: `simdgrad ${start.worker}` });
  let leave: () => void;
  const gone = new Promise<void>((resolve) => {
    leave = resolve;
  });
  const ready = new Promise<void>((resolve, reject) => {
    const late = setTimeout(
      () => reject(new Error(`a worker did not start within ${START_TIMEOUT} ms`)),
      START_TIMEOUT,
    );
    worker.onmessage = () => {
      clearTimeout(late);
      resolve();
    };
    worker.onerror = (event) => {
      clearTimeout(late);
      leave();
      const advice =
        workerUrl === undefined ? "; if the page's Content-Security-Policy forbids blob:, pass { workerUrl }" : '';
      reject(new Error(`a worker could not start${event.message ? ` (${event.message})` : ''}${advice}`));
    };
  }).finally(() => blob !== undefined && URL.revokeObjectURL(blob));
  worker.postMessage(start);
  return {
    ready,
    gone,
    ref: () => undefined,
    unref: () => (worker as { unref?: () => void }).unref?.(),
    terminate: () => {
      worker.terminate();
      leave();
    },
  };
}
