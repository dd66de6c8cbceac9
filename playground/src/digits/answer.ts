import { byId, html, setText } from '../dom.js';
import { percent } from '../format.js';
import { CLASSES } from './grid.js';

/** Calm enough for a screen reader: what is drawn is announced once it has not changed for this long. */
const PATIENCE = 700;

/** The ten probabilities as bars, and the most probable digit in large. */
export class Answer {
  readonly #guess = byId('guess', HTMLElement);
  readonly #spoken = byId('spoken-guess', HTMLElement);
  readonly #bars: { row: HTMLElement; bar: HTMLElement; share: HTMLElement }[];
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    const list = byId('probabilities', HTMLElement);
    this.#bars = Array.from({ length: CLASSES }, (_, digit) => {
      const bar = html('span', 'bar');
      const share = html('span', 'share');
      const row = html('li', '', html('span', 'digit', String(digit)), html('span', 'track', bar), share);
      list.append(row);
      return { row, bar, share };
    });
    this.clear();
  }

  show(probabilities: Float32Array): void {
    const best = probabilities.indexOf(Math.max(...probabilities));
    for (const [digit, { row, bar, share }] of this.#bars.entries()) {
      row.classList.toggle('best', digit === best);
      bar.style.setProperty('--share', String(probabilities[digit]));
      setText(share, percent(probabilities[digit]!, 0));
    }
    setText(this.#guess, String(best));
    this.#guess.classList.remove('none');
    this.#speak(`This looks like ${best}, ${percent(probabilities[best]!, 0)}`);
  }

  clear(): void {
    for (const { row, bar, share } of this.#bars) {
      row.classList.remove('best');
      bar.style.setProperty('--share', '0');
      setText(share, '');
    }
    setText(this.#guess, '?');
    this.#guess.classList.add('none');
    this.#speak('');
  }

  #speak(text: string): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => setText(this.#spoken, text), PATIENCE);
  }
}
