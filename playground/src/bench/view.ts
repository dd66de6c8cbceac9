import { byId, html, reasonOf, setText } from '../dom.js';
import { duration } from '../format.js';
import { ROWS } from './list.js';
import type { FromWorker, Result, ToWorker } from './messages.js';

interface Row {
  element: HTMLTableRowElement;
  bar: HTMLElement;
  ratio: HTMLElement;
  simdgrad: HTMLElement;
  plain: HTMLElement;
}

/** The third view: a table whose last column is a bar chart of how many times faster than plain JavaScript. */
export class BenchView {
  readonly #rows = new Map<string, Row>();
  readonly #run = byId('bench-run', HTMLButtonElement);
  readonly #status = byId('bench-status', HTMLElement);
  readonly #results = new Map<string, Result>();
  readonly #begun: () => void;
  #worker: Worker | undefined;

  /** `begun` is called before each run, to stop what would compete with it. */
  constructor(begun: () => void) {
    this.#begun = begun;
    const body = byId('bench-rows', HTMLElement);
    for (const { id, name, detail } of ROWS) body.append(this.#row(id, name, detail));
    this.#run.addEventListener('click', () => (this.#worker === undefined ? this.#start() : this.#stop('Stopped.')));
  }

  #row(id: string, name: string, detail: string): HTMLElement {
    const bar = html('span', 'bar');
    const ratio = html('span', 'ratio', '–');
    const simdgrad = html('td', 'time', '–');
    const plain = html('td', 'time', '–');
    const head = html('th', '', html('span', 'name', name), html('span', 'detail', detail));
    head.scope = 'row';
    const element = html('tr', '', head, simdgrad, plain, html('td', 'chart', html('span', 'track', bar), ratio));
    element.dataset.case = id;
    this.#rows.set(id, { element, bar, ratio, simdgrad, plain });
    return element;
  }

  #start(): void {
    this.#begun();
    this.#results.clear();
    for (const { element, bar, ratio, simdgrad, plain } of this.#rows.values()) {
      element.classList.remove('running', 'wrong');
      bar.style.setProperty('--share', '0');
      for (const cell of [ratio, simdgrad, plain]) setText(cell, '–');
    }
    // A worker for each run: whatever an earlier one left behind does not count.
    this.#worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'benchmarks' });
    this.#worker.onmessage = ({ data }: MessageEvent<FromWorker>) => this.#receive(data);
    this.#worker.onerror = (event) => this.#stop(`This does not work here: ${reasonOf(event)}`);
    this.#worker.postMessage({ type: 'run' } satisfies ToWorker);
    setText(this.#run, 'Stop');
    setText(this.#status, 'Measuring …');
  }

  #stop(text: string): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    for (const { element } of this.#rows.values()) element.classList.remove('running');
    setText(this.#run, 'Run again');
    setText(this.#status, text);
  }

  #receive(message: FromWorker): void {
    switch (message.type) {
      case 'started':
        for (const [id, { element }] of this.#rows) element.classList.toggle('running', id === message.id);
        break;
      case 'result':
        this.#results.set(message.result.id, message.result);
        this.#show();
        break;
      case 'done':
        this.#stop(this.#summary(message.simd));
        break;
      case 'failed':
        this.#stop(`This does not work here: ${message.message}`);
        break;
    }
  }

  #show(): void {
    const ratios = [...this.#results.values()].map(({ simdgrad, plain }) => plain / simdgrad);
    const longest = Math.max(...ratios);
    for (const [id, { simdgrad, plain, flop, agrees }] of this.#results) {
      const row = this.#rows.get(id)!;
      const rate = (time: number) => (flop === undefined ? '' : `${(flop / time / 1e6).toFixed(1)} GFLOP/s`);
      row.simdgrad.replaceChildren(duration(simdgrad), html('span', 'detail', rate(simdgrad)));
      row.plain.replaceChildren(duration(plain), html('span', 'detail', rate(plain)));
      row.element.classList.toggle('wrong', !agrees);
      setText(row.ratio, agrees ? `${(plain / simdgrad).toFixed(1)} ×` : 'results differ');
      row.bar.style.setProperty('--share', String(plain / simdgrad / longest));
    }
  }

  #summary(simd: string): string {
    const training = this.#results.get('training')!;
    const times = (training.plain / training.simdgrad).toFixed(1);
    return `Done, with ${simd} SIMD on one thread: a training step is ${times} times as fast as in plain JavaScript.`;
  }
}
