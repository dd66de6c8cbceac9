// biome-ignore-all assist/source/organizeImports: the engine, with the kernels' text, first (ARCHITECTURE.md, "… the text they travel in").
import { engine, requireSimd } from './engine.js';
import { hasRelaxedSimd } from '../wasm/probe.js';
import type { Simd } from '../wasm/simd.js';
import { checkOptions, typeError } from './check.js';
import { describe } from './describe.js';
import { SimdgradError } from './errors.js';
import { builtin } from './host.js';
import { variantOf } from './instance.js';

export interface BackendInfo {
  /**
   * `relaxed`: relaxed SIMD, which most engines make a fused multiply-add; `baseline`: every engine with SIMD. Results differ in
   * the last bits.
   */
  simd: Simd;
  /** Threads that compute, the calling one included. */
  threads: number;
  /** Why `threads` is this number: what asked for it, or what prevented more. */
  threadsReason: string;
  /**
   * `bytes`: size of the linear memory, 0 before the first tensor, `ready()` or `setThreads`; `live`: bytes in live tensors,
   * scratch excluded.
   */
  memory: { bytes: number; live: number };
}

/** Which kernels run, on how many threads, and what memory they use. Starts nothing. */
export function backendInfo(): BackendInfo {
  return {
    simd: engine.variant,
    threads: engine.threads.count,
    threadsReason: engine.threads.reason,
    memory: { bytes: engine.started ? engine.memory.buffer.byteLength : 0, live: engine.live },
  };
}

export interface InitOptions {
  /**
   * Kernels from elsewhere: a compiled `WebAssembly.Module`, its bytes, a `Response` or a URL. Without it, the inlined ones.
   * (An object, because their types are declared in browsers' libraries only.)
   */
  source?: string | object | undefined;
  /** `'baseline'` for the same bits on every machine. Default: that of `source`, else `'relaxed'` if the engine has it. */
  simd?: Simd | undefined;
}

/**
 * Optional: chooses the kernels, while no tensor exists. Ends the threads, if there are any.
 * @throws SimdgradError when tensors exist, when the engine lacks SIMD or the variant asked for, or when `source` cannot be
 * read or compiled, holds other code than the kernels, or holds another variant than `simd`
 * @throws TypeError, RangeError for an option of the wrong type or value
 */
export async function init(options: InitOptions = {}): Promise<void> {
  checkInit(options);
  requireSimd();
  checkFresh();
  let { simd } = options;
  let module: WebAssembly.Module | undefined;
  if (options.source !== undefined) {
    module = await compileSource(options.source);
    checkExports(module);
    const found = await variantOf(module);
    if (simd !== undefined && simd !== found) {
      throw new SimdgradError(`init: expected source to hold the ${simd} kernels, got the ${found} ones`);
    }
    simd = found;
  }
  checkFresh();
  engine.reset({ module, simd });
}

/**
 * Compiles the kernels off this thread and starts the engine, so that the first tensor need not. Optional, except on pages
 * before Chrome 115, where the first tensor may not.
 * @throws SimdgradError where the engine lacks SIMD or refuses to compile, OutOfMemoryError
 */
export async function ready(): Promise<void> {
  await engine.startAhead();
}

/**
 * For tests. With `detachViews: true`, every allocation detaches all views of the memory, so that code which holds on to
 * `Tensor.data` fails at once. No effect once threads have been started: views of a shared memory cannot be detached.
 * @throws TypeError unless `detachViews` is a boolean
 */
export function setDebug(options: { detachViews: boolean }): void {
  checkOptions(options, ['detachViews'], 'setDebug');
  const detachViews: unknown = options?.detachViews;
  if (typeof detachViews !== 'boolean') {
    throw typeError('setDebug', '{ detachViews: true or false }', options);
  }
  engine.detachViews = detachViews;
}

function checkInit(options: InitOptions): void {
  checkOptions(options, ['source', 'simd'], 'init');
  const { simd } = options;
  if (simd !== undefined && simd !== 'baseline' && simd !== 'relaxed') {
    throw new RangeError(`init: expected simd to be 'baseline' or 'relaxed', got ${describe(simd)}`);
  }
  if (simd === 'relaxed' && !hasRelaxedSimd()) {
    throw new SimdgradError(
      'init: this engine has no relaxed SIMD; Chrome 114, Firefox 145, Node 22 have it; leave simd out',
    );
  }
}

function checkFresh(): void {
  if (engine.live === 0) return;
  throw new SimdgradError(`init: ${engine.live} bytes of tensors live; call it while there are none`);
}

async function compileSource(source: string | object): Promise<WebAssembly.Module> {
  if (source instanceof WebAssembly.Module) return source;
  let bytes: BufferSource;
  if (source instanceof ArrayBuffer || ArrayBuffer.isView(source)) {
    bytes = source as BufferSource;
  } else if (typeof source === 'string' || source instanceof URL || isResponse(source)) {
    bytes = (await localFile(source)) ?? (await download(source));
  } else {
    throw typeError('init', 'source to be a WebAssembly.Module, bytes, a Response or a URL', source);
  }
  checkMagic(bytes);
  try {
    return await WebAssembly.compile(bytes);
  } catch (error) {
    throw new SimdgradError(`init: cannot compile source (${error})`, { cause: error });
  }
}

/** The bytes at a `file:` URL, which Node's `fetch` does not read; `undefined` for other URLs and in browsers. */
async function localFile(source: string | URL | Response): Promise<BufferSource | undefined> {
  if (!String(source).startsWith('file:')) return undefined;
  const files = builtin<{ readFile(url: URL): Promise<BufferSource> }>('node:fs/promises');
  try {
    return await files?.readFile(new URL(source as string));
  } catch (error) {
    throw new SimdgradError(`init: cannot read ${source} (${error})`, { cause: error });
  }
}

/** Not every host of JavaScript has responses. */
function isResponse(source: unknown): source is Response {
  return typeof Response === 'function' && source instanceof Response;
}

async function download(source: string | URL | Response): Promise<ArrayBuffer> {
  let response: Response;
  try {
    response = isResponse(source) ? source : await fetch(source);
    if (response.ok) return await response.arrayBuffer(); // the connection may end in it, too
  } catch (error) {
    throw new SimdgradError(`init: cannot fetch ${source} (${error})`, { cause: error });
  }
  throw new SimdgradError(`init: ${response.url} answered ${response.status}`);
}

/** Whoever passes another project's module is told so here, not by the first operation. */
function checkExports(module: WebAssembly.Module): void {
  if (WebAssembly.Module.exports(module).some(({ name }) => name === 'gemm_scratch_bytes')) return;
  throw new SimdgradError('init: source does not hold the kernels of simdgrad');
}

/** An HTML page in place of the module is what a development server sends for a file it does not find. */
function checkMagic(source: Partial<ArrayBufferView> & { byteLength: number }): void {
  const { buffer = source as ArrayBuffer, byteOffset, byteLength } = source; // a view's, or the buffer itself
  const head = String.fromCharCode(...new Uint8Array(buffer, byteOffset, Math.min(byteLength, 4)));
  if (head === '\0asm') return;
  throw new SimdgradError(
    `init: expected WebAssembly, got bytes that begin with ${JSON.stringify(head)}; if that is an HTML page, check the URL`,
  );
}
