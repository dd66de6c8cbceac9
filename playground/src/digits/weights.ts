import { byId, eachFrame, setText } from '../dom.js';
import { count } from '../format.js';
import { onThemeChange, rgb } from '../theme.js';
import { PIXELS, SIDE } from './grid.js';

/** Empty pixels between pictures. */
const GAP = 2;
/** Pictures in a row, at most, and the least width of one on screen, in CSS pixels. */
const COLUMNS = 10;
const LEAST_WIDTH = 38;

/** The weights of the first layer: a picture for each neuron, one colour for positive, the other for negative. */
export class Weights {
  readonly #canvas = byId('weights', HTMLCanvasElement);
  readonly #caption = byId('weights-caption', HTMLElement);
  readonly #paint = eachFrame(() => this.#render());
  #pictures: Float32Array = new Float32Array(0);
  #count = 0;

  constructor() {
    new ResizeObserver(this.#paint).observe(this.#canvas.parentElement!);
    onThemeChange(this.#paint);
  }

  show(pictures: Float32Array, shown: number, total: number): void {
    this.#pictures = pictures;
    this.#count = shown;
    setText(this.#caption, shown < total ? `${shown} of ${count(total)} neurons` : `${count(total)} neurons`);
    this.#paint();
  }

  #render(): void {
    const available = this.#canvas.parentElement!.clientWidth;
    if (available === 0 || this.#count === 0) return;
    const columns = Math.max(1, Math.min(COLUMNS, this.#count, Math.floor(available / LEAST_WIDTH)));
    const rows = Math.ceil(this.#count / columns);
    const width = columns * (SIDE + GAP) - GAP;
    const height = rows * (SIDE + GAP) - GAP;
    if (this.#canvas.width !== width) this.#canvas.width = width;
    if (this.#canvas.height !== height) this.#canvas.height = height;
    const image = new ImageData(width, height);
    const zero = rgb('card');
    const positive = rgb('blue');
    const negative = rgb('orange');
    const largest = typicalMaximum(this.#pictures);
    for (let neuron = 0; neuron < this.#count; neuron++) {
      const left = (neuron % columns) * (SIDE + GAP);
      const top = Math.floor(neuron / columns) * (SIDE + GAP);
      for (let pixel = 0; pixel < PIXELS; pixel++) {
        const weight = this.#pictures[neuron * PIXELS + pixel]! / largest;
        const strength = Math.min(1, Math.abs(weight));
        const full = weight > 0 ? positive : negative;
        const at = 4 * ((top + Math.floor(pixel / SIDE)) * width + left + (pixel % SIDE));
        for (let c = 0; c < 3; c++) image.data[at + c] = zero[c]! + (full[c]! - zero[c]!) * strength;
        image.data[at + 3] = 255;
      }
    }
    this.#canvas.getContext('2d')!.putImageData(image, 0, 0);
  }
}

/** Three standard deviations: a single large weight must not turn all others pale. */
function typicalMaximum(values: Float32Array): number {
  let squares = 0;
  for (const value of values) squares += value * value;
  return 3 * Math.sqrt(squares / values.length) || 1;
}
