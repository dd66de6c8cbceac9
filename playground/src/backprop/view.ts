import { byId, html, isPlain, setText } from '../dom.js';
import { accepted, type Example, type Field, type Orientation, revealed, type Step } from './example.js';
import { Graph } from './graph.js';
import { networkExample } from './network.js';
import { appleExample, orangeExample } from './shopping.js';

const EXAMPLES: readonly Example[] = [appleExample, orangeExample, networkExample];
/** Milliseconds from one step to the next while it plays. */
const TEMPO = 1600;
const LEAST_SCALE = 0.85;

/** The second view: a graph on which values, then gradients appear, step by step. */
export class BackpropView {
  readonly #view = byId('backpropagation', HTMLElement);
  readonly #holder = byId('graph', HTMLElement);
  readonly #caption = byId('step-text', HTMLElement);
  readonly #formula = byId('step-formula', HTMLElement);
  readonly #phase = byId('step-phase', HTMLElement);
  readonly #back = byId('step-back', HTMLButtonElement);
  readonly #next = byId('step-next', HTMLButtonElement);
  readonly #play = byId('step-play', HTMLButtonElement);
  readonly #restart = byId('step-restart', HTMLButtonElement);
  readonly #dots = byId('step-dots', HTMLElement);
  readonly #fields = byId('example-fields', HTMLElement);
  #example: Example = EXAMPLES[0]!;
  #graph!: Graph;
  #orientation: Orientation = 'wide';
  #steps: Step[] = [];
  /** How many steps are shown. */
  #at = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor() {
    for (const radio of this.#view.querySelectorAll<HTMLInputElement>('input[name=example]')) {
      radio.addEventListener('change', () => this.#choose(EXAMPLES[Number(radio.value)]!));
      if (radio.checked) this.#example = EXAMPLES[Number(radio.value)]!;
    }
    this.#back.addEventListener('click', () => this.#go(this.#at - 1));
    this.#next.addEventListener('click', () => this.#go(this.#at + 1));
    this.#restart.addEventListener('click', () => this.#go(0));
    this.#play.addEventListener('click', () => (this.#timer === undefined ? this.#start() : this.#stop()));
    this.#view.addEventListener('keydown', (event) => this.#key(event));
    new ResizeObserver(() => this.#fit()).observe(this.#holder);
    this.#choose(this.#example);
  }

  /** Nothing plays on behind another view. */
  hide(): void {
    this.#stop();
  }

  #choose(example: Example): void {
    this.#stop();
    this.#example = example;
    this.#at = 0;
    setText(byId('example-lead', HTMLElement), example.lead);
    this.#fields.replaceChildren(...example.fields.map((field) => this.#field(field)));
    this.#draw();
    this.#compute();
  }

  #field(field: Field): HTMLElement {
    const { id, label, value, step, min, max } = field;
    const input = html('input', '');
    Object.assign(input, { type: 'number', id: `field-${id}`, step, min, max, value });
    input.inputMode = 'decimal';
    input.addEventListener('input', () => this.#compute());
    // Once it has been entered, and not before: nobody could type 12 where 1 were replaced at once.
    input.addEventListener('change', () => {
      input.value = String(accepted(field, input.valueAsNumber));
    });
    const name = html('span', '', label);
    return html('label', 'field', name, input);
  }

  /** Runs the layers on what the fields say. */
  #compute(): void {
    const input = Object.fromEntries(
      this.#example.fields.map((field) => [
        field.id,
        accepted(field, byId(`field-${field.id}`, HTMLInputElement).valueAsNumber),
      ]),
    );
    this.#steps = this.#example.trace(input);
    this.#dots.replaceChildren(...this.#steps.map(({ phase }) => html('span', phase)));
    this.#show();
  }

  #fit(): void {
    if (this.#holder.clientWidth === 0 || this.#fitting() === this.#orientation) return;
    this.#draw();
    this.#show();
  }

  /** Wide where its text then keeps a size that can be read. */
  #fitting(): Orientation {
    return this.#holder.clientWidth < LEAST_SCALE * this.#example.size.wide[0] ? 'narrow' : 'wide';
  }

  #draw(): void {
    this.#orientation = this.#fitting();
    this.#graph = new Graph(this.#example, this.#orientation);
    this.#holder.replaceChildren(this.#graph.element);
  }

  #go(at: number): void {
    this.#stop();
    this.#set(at);
  }

  #set(at: number): void {
    this.#at = Math.min(this.#steps.length, Math.max(0, at));
    this.#show();
  }

  #start(): void {
    if (this.#at === this.#steps.length) this.#set(0);
    this.#set(this.#at + 1);
    setText(this.#play, 'Pause');
    this.#timer = setInterval(() => {
      this.#set(this.#at + 1);
      if (this.#at === this.#steps.length) this.#stop();
    }, TEMPO);
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    setText(this.#play, 'Play');
  }

  #key(event: KeyboardEvent): void {
    // Fields and radio buttons have uses of their own for arrows.
    if (event.target instanceof HTMLInputElement || !isPlain(event)) return;
    const to = { ArrowRight: this.#at + 1, ArrowLeft: this.#at - 1, Home: 0, End: this.#steps.length }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.#go(to);
  }

  #show(): void {
    const step = this.#steps[this.#at - 1];
    const { values, gradients } = revealed(this.#steps, this.#at);
    this.#graph.show(values, gradients, {
      node: step?.node,
      values: new Set(Object.keys(step?.values ?? {})),
      gradients: new Set(Object.keys(step?.gradients ?? {})),
    });
    for (const [i, dot] of [...this.#dots.children].entries()) dot.classList.toggle('done', i < this.#at);
    const count = `step ${this.#at} of ${this.#steps.length}`;
    setText(this.#phase, step === undefined ? 'Before the first step' : `${step.phase}, ${count}`);
    this.#phase.dataset.phase = step?.phase ?? '';
    setText(this.#caption, step?.text ?? 'Press Next: the numbers will appear on the edges.');
    setText(this.#formula, step?.formula ?? '');
    // A button that has the focus stays enabled to the eye of the keyboard: aria-disabled does not drop the focus.
    this.#back.setAttribute('aria-disabled', String(this.#at === 0));
    this.#restart.setAttribute('aria-disabled', String(this.#at === 0));
    this.#next.setAttribute('aria-disabled', String(this.#at === this.#steps.length));
    const describe = (found: ReadonlyMap<string, readonly string[]>) =>
      [...found].map(([id, lines]) => `${id}: ${lines.join('; ')}`).join(', ');
    this.#holder.setAttribute(
      'aria-label',
      this.#at === 0
        ? 'Computational graph, without numbers yet'
        : `Computational graph. Values: ${describe(values)}.${gradients.size > 0 ? ` Gradients: ${describe(gradients)}.` : ''}`,
    );
  }
}
