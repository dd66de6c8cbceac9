import { byId, setText } from '../dom.js';
import type { Backend, Pace, Settings } from './messages.js';

const RATES = [0.001, 0.003, 0.01, 0.03, 0.1, 0.2, 0.3, 0.5, 1, 2, 5];
/** Beyond this, more threads do not help products of this size. */
const MOST_THREADS = 16;

/** What a change asks for: another network, the same one taught differently, or other threads. */
export interface ControlEvents {
  rebuild(settings: Settings): void;
  adjust(settings: Settings): void;
  threads(count: number): void;
}

/** The form beside the chart. */
export class Controls {
  readonly #neurons = byId('neurons', HTMLSelectElement);
  readonly #depth = byId('depth', HTMLSelectElement);
  readonly #activation = byId('activation', HTMLSelectElement);
  readonly #rate = byId('rate', HTMLInputElement);
  readonly #rateText = byId('rate-text', HTMLElement);
  readonly #batch = byId('batch', HTMLSelectElement);
  readonly #pace = byId('pace', HTMLSelectElement);
  readonly #threads = byId('threads', HTMLSelectElement);
  readonly #threadsHint = byId('threads-hint', HTMLElement);

  constructor(events: ControlEvents) {
    this.#rate.max = String(RATES.length - 1);
    for (const control of [this.#neurons, this.#depth, this.#activation]) {
      control.addEventListener('change', () => events.rebuild(this.settings));
    }
    for (const control of [this.#batch, this.#pace]) {
      control.addEventListener('change', () => events.adjust(this.settings));
    }
    this.#rate.addEventListener('input', () => {
      this.#labelRate();
      events.adjust(this.settings);
    });
    this.#labelRate();
    this.#offerThreads();
    this.#threads.addEventListener('change', () => events.threads(Number(this.#threads.value)));
  }

  get settings(): Settings {
    return {
      neurons: Number(this.#neurons.value),
      depth: Number(this.#depth.value),
      activation: this.#activation.value as Settings['activation'],
      learningRate: RATES[Number(this.#rate.value)]!,
      batch: Number(this.#batch.value),
      pace: this.#pace.value as Pace,
    };
  }

  /** For good: there is nothing left that a setting could change. */
  disable(): void {
    for (const control of [this.#neurons, this.#depth, this.#activation, this.#rate, this.#batch, this.#pace]) {
      control.disabled = true;
    }
    this.#threads.disabled = true;
  }

  /** Says how many threads run, and where they are fewer than asked for, why. */
  showBackend({ threads, threadsReason }: Backend): void {
    if (this.#threads.disabled) return;
    const wanted = Number(this.#threads.value);
    setText(this.#threadsHint, threads < wanted ? `${threads} in use: ${threadsReason}` : '');
    this.#threadsHint.hidden = threads >= wanted;
  }

  #labelRate(): void {
    const rate = String(RATES[Number(this.#rate.value)]);
    setText(this.#rateText, rate);
    this.#rate.setAttribute('aria-valuetext', rate);
  }

  #offerThreads(): void {
    const cores = Math.min(navigator.hardwareConcurrency || 1, MOST_THREADS);
    for (let n = 1; n <= cores; n++) this.#threads.append(new Option(String(n), String(n)));
    const reason = !globalThis.crossOriginIsolated
      ? 'Threads need a cross-origin isolated page: this server does not send the headers COOP and COEP.'
      : cores === 1
        ? 'This machine has one core.'
        : undefined;
    this.#threads.disabled = reason !== undefined;
    this.#threadsHint.hidden = reason === undefined;
    setText(this.#threadsHint, reason ?? '');
  }
}
