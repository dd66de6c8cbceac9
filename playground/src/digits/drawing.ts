import { eachFrame, isPlain } from '../dom.js';
import { color, onThemeChange, rgb } from '../theme.js';
import { PIXELS, SIDE } from './grid.js';
import { normalize, type Position } from './normalize.js';

/** Width of the line on screen, as a share of the drawing area. */
const PEN = 0.075;
/** One press of an arrow key. */
const STRIDE = 1 / SIDE;

interface Picture {
  pixels: Float32Array;
  image: HTMLCanvasElement;
}

/**
 * A square to draw in with mouse, finger or pen, or with the keyboard: arrow keys move a pen, the space bar lowers and
 * lifts it, Delete clears.
 */
export class Drawing {
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  readonly #changed: (pixels: Float32Array | undefined) => void;
  readonly #paint = eachFrame(() => this.#render());
  readonly #announceChange = eachFrame(() => this.#changed(this.pixels));
  #strokes: Position[][] = [];
  #picture: Picture | undefined;
  #pointer: number | undefined;
  #pen = { x: 0.5, y: 0.25, down: false };

  /** `changed` hears the 784 pixels at most once a frame, `undefined` when there is no ink. */
  constructor(canvas: HTMLCanvasElement, changed: (pixels: Float32Array | undefined) => void) {
    this.#canvas = canvas;
    this.#context = canvas.getContext('2d')!;
    this.#changed = changed;
    canvas.addEventListener('pointerdown', (event) => this.#down(event));
    canvas.addEventListener('pointermove', (event) => this.#move(event));
    for (const name of ['pointerup', 'pointercancel'] as const) {
      canvas.addEventListener(name, (event) => this.#up(event));
    }
    canvas.addEventListener('keydown', (event) => this.#key(event));
    for (const name of ['focus', 'blur'] as const) canvas.addEventListener(name, this.#paint);
    new ResizeObserver(this.#paint).observe(canvas);
    onThemeChange(() => {
      if (this.#picture) this.#picture.image = imageOf(this.#picture.pixels);
      this.#paint();
    });
  }

  /** What the network is to see: the drawing as the data set would have it. */
  get pixels(): Float32Array | undefined {
    return this.#picture?.pixels ?? normalize(this.#strokes);
  }

  /** Shows a picture of 784 pixels in place of strokes; the next stroke begins a new drawing. */
  show(pixels: Float32Array): void {
    this.#replace({ pixels, image: imageOf(pixels) });
  }

  clear(): void {
    this.#replace(undefined);
  }

  /** What is being drawn ends too: its stroke is gone, so pointer and pen have nothing to go on with. */
  #replace(picture: Picture | undefined): void {
    this.#strokes = [];
    this.#picture = picture;
    this.#pointer = undefined;
    this.#pen.down = false;
    this.#update();
  }

  #update(): void {
    this.#paint();
    this.#announceChange();
  }

  #begin(at: Position): void {
    this.#picture = undefined;
    this.#strokes.push([at]);
    this.#update();
  }

  #down(event: PointerEvent): void {
    if (this.#pointer !== undefined || event.button !== 0) return;
    this.#pointer = event.pointerId;
    this.#canvas.setPointerCapture(event.pointerId);
    this.#pen.down = false;
    this.#begin(this.#position(event));
  }

  #move(event: PointerEvent): void {
    if (event.pointerId !== this.#pointer) return;
    const stroke = this.#strokes.at(-1)!;
    // A fast hand moves many times in a frame; the browser hands all of it over.
    const moves = event.getCoalescedEvents?.() ?? [];
    for (const move of moves.length > 0 ? moves : [event]) stroke.push(this.#position(move));
    this.#update();
  }

  #up(event: PointerEvent): void {
    if (event.pointerId === this.#pointer) this.#pointer = undefined;
  }

  #position(event: PointerEvent): Position {
    const { left, top, width, height } = this.#canvas.getBoundingClientRect();
    return { x: clamp((event.clientX - left) / width), y: clamp((event.clientY - top) / height) };
  }

  #key(event: KeyboardEvent): void {
    if (!isPlain(event)) return;
    const pen = this.#pen;
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (step !== undefined) {
      pen.x = clamp(pen.x + step[0]! * STRIDE);
      pen.y = clamp(pen.y + step[1]! * STRIDE);
      if (pen.down) this.#strokes.at(-1)!.push({ x: pen.x, y: pen.y });
      this.#update();
    } else if (event.key === ' ') {
      pen.down = !pen.down;
      if (pen.down) this.#begin({ x: pen.x, y: pen.y });
      else this.#paint();
    } else if (event.key === 'Delete' || event.key === 'Backspace') {
      this.clear();
    } else {
      return;
    }
    event.preventDefault();
  }

  #render(): void {
    const { width } = this.#canvas.getBoundingClientRect();
    if (width === 0) return;
    const size = Math.round(width * devicePixelRatio);
    if (this.#canvas.width !== size) this.#canvas.width = this.#canvas.height = size;
    const context = this.#context;
    context.clearRect(0, 0, size, size);
    if (this.#picture) context.drawImage(this.#picture.image, 0, 0, size, size);
    context.strokeStyle = color('ink');
    context.lineWidth = PEN * size;
    context.lineCap = context.lineJoin = 'round';
    for (const stroke of this.#strokes) {
      context.beginPath();
      for (const { x, y } of stroke) context.lineTo(x * size, y * size);
      // A path of one point has no length, and would not be drawn.
      if (stroke.length === 1) context.lineTo(stroke[0]!.x * size + 0.01, stroke[0]!.y * size);
      context.stroke();
    }
    if (this.#canvas.matches(':focus-visible')) this.#renderPen(size);
  }

  #renderPen(size: number): void {
    const context = this.#context;
    context.beginPath();
    context.arc(this.#pen.x * size, this.#pen.y * size, (PEN / 2) * size, 0, 2 * Math.PI);
    context.fillStyle = context.strokeStyle = color('blue');
    context.lineWidth = 2 * devicePixelRatio;
    if (this.#pen.down) context.fill();
    else context.stroke();
  }
}

function clamp(share: number): number {
  return Math.min(1, Math.max(0, share));
}

/** The pixels as a small canvas in the colour of ink. */
export function imageOf(pixels: Float32Array): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = SIDE;
  const [r, g, b] = rgb('ink');
  const image = new ImageData(SIDE, SIDE);
  for (let i = 0; i < PIXELS; i++) image.data.set([r, g, b, Math.round(pixels[i]! * 255)], 4 * i);
  canvas.getContext('2d')!.putImageData(image, 0, 0);
  return canvas;
}
