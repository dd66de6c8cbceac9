import { byId, reasonOf, setText } from '../dom.js';
import { count, percent } from '../format.js';
import { onThemeChange } from '../theme.js';
import { Answer } from './answer.js';
import { Charts } from './charts.js';
import { Controls } from './controls.js';
import { Drawing, imageOf } from './drawing.js';
import { SIDE } from './grid.js';
import type { FromWorker, Point, Speed, ToWorker } from './messages.js';
import { Weights } from './weights.js';

/** The accuracy at which the status line has something to celebrate. */
const GOAL = 0.95;

type State = 'loading' | 'ready' | 'learning' | 'paused' | 'diverged' | 'failed';

/** The first view: a network in a worker, and everything that shows what it does. */
export class DigitsView {
  readonly #worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'learning' });
  readonly #charts = new Charts();
  readonly #weights = new Weights();
  readonly #answer = new Answer();
  readonly #drawing = new Drawing(byId('drawing', HTMLCanvasElement), () => this.#recognize());
  readonly #controls = new Controls({
    rebuild: () => this.#reset(),
    adjust: (settings) => this.#send({ type: 'adjust', settings }),
    threads: (n) => this.#send({ type: 'threads', count: n }),
  });
  readonly #toggle = byId('toggle', HTMLButtonElement);
  readonly #resetButton = byId('reset', HTMLButtonElement);
  readonly #status = byId('status', HTMLElement);
  readonly #seen = byId('seen', HTMLCanvasElement);
  readonly #sampleButton = byId('sample', HTMLButtonElement);
  readonly #sampleLabel = byId('sample-label', HTMLElement);
  #state: State = 'loading';
  /** The test digit that was asked for last. */
  #sample: Float32Array | undefined;
  #reached: string | undefined;
  /** A question to the worker is on its way; the next one waits for its answer. */
  #asked = false;
  #askAgain = false;

  constructor() {
    this.#worker.onmessage = ({ data }: MessageEvent<FromWorker>) => this.#receive(data);
    this.#worker.onerror = (event) => this.#enter('failed', reasonOf(event));
    this.#toggle.addEventListener('click', () => this.#toggleLearning());
    this.#resetButton.addEventListener('click', () => this.#reset());
    byId('clear', HTMLButtonElement).addEventListener('click', () => this.#drawing.clear());
    this.#sampleButton.addEventListener('click', () => this.#send({ type: 'sample' }));
    onThemeChange(() => this.#showSeen());
    this.#enter('loading');
    const url = new URL('digits.bin', document.baseURI).href;
    this.#send({ type: 'load', url, settings: this.#controls.settings });
  }

  #send(message: ToWorker): void {
    this.#worker.postMessage(message);
  }

  #receive(message: FromWorker): void {
    switch (message.type) {
      case 'loaded':
        setText(
          byId('counts', HTMLElement),
          `${count(message.train)} digits to learn, ${count(message.test)} to test.`,
        );
        this.#enter('ready');
        break;
      case 'backend':
        this.#controls.showBackend(message.backend);
        break;
      case 'point':
        this.#showPoint(message.point);
        break;
      case 'speed':
        this.#showSpeed(message.speed, message.examples, message.epochs);
        break;
      case 'weights':
        this.#weights.show(message.pictures, message.count, message.total);
        this.#recognize();
        break;
      case 'diverged':
        this.#enter('diverged');
        break;
      case 'probabilities':
        this.#asked = false;
        if (this.#drawing.pixels !== undefined) this.#answer.show(message.values);
        if (this.#askAgain) this.#recognize();
        break;
      case 'sample':
        this.#sample = message.pixels;
        this.#drawing.show(message.pixels);
        setText(this.#sampleLabel, `A test digit, labelled ${message.label}.`);
        break;
      case 'failed':
        this.#enter('failed', message.message);
        break;
    }
  }

  #toggleLearning(): void {
    const learning = this.#state === 'learning';
    this.#send({ type: learning ? 'pause' : 'start' });
    this.#enter(learning ? 'paused' : 'learning');
  }

  /** Learning gives the cores to something else. */
  pause(): void {
    if (this.#state === 'learning') this.#toggleLearning();
  }

  /** A new network; if the old one was learning, so does the new one. */
  #reset(): void {
    if (this.#state === 'failed') return;
    this.#forget();
    this.#send({ type: 'reset', settings: this.#controls.settings });
    if (this.#state !== 'learning' && this.#state !== 'loading') this.#enter('ready');
    else this.#enter(this.#state);
  }

  /** What the old network has reached. */
  #forget(): void {
    this.#charts.clear();
    this.#reached = undefined;
  }

  #enter(state: State, detail = ''): void {
    this.#state = state;
    setText(this.#toggle, state === 'learning' ? 'Pause' : state === 'paused' ? 'Continue' : 'Start');
    this.#toggle.classList.toggle('running', state === 'learning');
    this.#toggle.disabled = state === 'loading' || state === 'diverged' || state === 'failed';
    this.#resetButton.disabled = state === 'loading' || state === 'failed';
    this.#sampleButton.disabled = state === 'loading' || state === 'failed';
    if (state === 'failed') this.#controls.disable();
    const texts: Record<State, string> = {
      loading: 'Loading 10,000 digits …',
      ready: 'Ready to learn.',
      learning: this.#reached ?? 'Learning …',
      paused: this.#reached ?? 'Paused.',
      diverged: 'The loss exploded. Choose a smaller learning rate, then Reset.',
      failed: `This does not work here: ${detail}`,
    };
    setText(this.#status, texts[state]);
    this.#status.dataset.state = state;
  }

  #showPoint(point: Point): void {
    const { test, examples } = point;
    // The first of a new network. What came since Reset was still of the old one, its end too.
    if (examples === 0) {
      this.#forget();
      if (this.#state === 'diverged') this.#enter('ready');
      else if (this.#state === 'learning') this.#enter('learning');
    }
    this.#charts.add(point);
    setText(byId('test-accuracy', HTMLElement), percent(test.accuracy));
    setText(byId('test-loss', HTMLElement), test.loss.toPrecision(3));
    if (this.#reached === undefined && test.accuracy >= GOAL) {
      this.#reached = `${percent(GOAL, 0)} after ${count(examples)} examples.`;
      if (this.#state === 'learning') setText(this.#status, this.#reached);
    }
  }

  #showSpeed({ examplesPerSecond, flops }: Speed, examples: number, epochs: number): void {
    setText(byId('speed', HTMLElement), count(examplesPerSecond));
    setText(byId('flops', HTMLElement), Number.isFinite(flops) ? (flops / 1e9).toFixed(1) : '–');
    setText(byId('examples', HTMLElement), count(examples));
    setText(byId('epochs', HTMLElement), `${epochs.toFixed(1)} epochs`);
  }

  #recognize(): void {
    const { pixels } = this.#drawing;
    this.#showSeen(pixels);
    if (pixels === undefined || pixels !== this.#sample) setText(this.#sampleLabel, '');
    if (pixels === undefined) {
      this.#answer.clear();
      return;
    }
    this.#askAgain = this.#asked;
    if (this.#asked) return;
    this.#asked = true;
    this.#send({ type: 'recognize', pixels });
  }

  /** The 28×28 pixels that go into the network. */
  #showSeen(pixels = this.#drawing.pixels): void {
    const context = this.#seen.getContext('2d')!;
    this.#seen.width = this.#seen.height = SIDE;
    if (pixels !== undefined) context.drawImage(imageOf(pixels), 0, 0);
  }
}
