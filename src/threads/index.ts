/** Threads for simdgrad: loaded only by those who import `'simdgrad/threads'`. */
export { setThreads, type ThreadOptions } from './set_threads.js';
