import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { byId, eachFrame, setText } from '../dom.js';
import { count, percent } from '../format.js';
import { color, onThemeChange } from '../theme.js';
import type { Point } from './messages.js';

const HEIGHT = 210;
const POWERS = Array.from({ length: 9 }, (_, i) => 10 ** (i + 1));
const LOSSES = [1e-5, 1e-4, 1e-3, 0.01, 0.03, 0.1, 0.3, 1, 3, 10];
const SHARES = [0, 0.25, 0.5, 0.75, 1];
/** Where the axis begins before there is a measurement. */
const FIRST = 100;
/** The logarithm of a loss that is exactly zero cannot be drawn. */
const LEAST_LOSS = 1e-6;

/** One chart: on training digits and on test digits, over the number of examples seen, which is logarithmic. */
class Chart {
  readonly #plot: uPlot;
  readonly #data: [number[], number[], number[]] = [[], [], []];
  readonly #holder: HTMLElement;
  readonly #legend: [HTMLElement, HTMLElement];
  readonly #format: (value: number) => string;
  readonly #paint = eachFrame(() => this.#plot.setData(this.#data));

  constructor(id: string, format: (value: number) => string, y: uPlot.Scale, splits: number[]) {
    this.#holder = byId(id, HTMLElement);
    this.#legend = [byId(`${id}-train`, HTMLElement), byId(`${id}-test`, HTMLElement)];
    this.#format = format;
    const line = (token: string, label: string): uPlot.Series => ({
      label,
      stroke: () => color(token),
      width: 2,
      points: { show: false },
    });
    const axis: uPlot.Axis = {
      stroke: () => color('muted'),
      font: '12px system-ui, sans-serif',
      grid: { stroke: () => color('line'), width: 1 },
      ticks: { show: false },
      border: { show: false },
      // On logarithmic axes only powers of ten would keep their labels.
      filter: (_, values) => values,
    };
    const within = (values: number[]) => (_: uPlot, __: number, min: number, max: number) =>
      values.filter((value) => value >= min && value <= max);
    this.#plot = new uPlot(
      {
        width: this.#holder.clientWidth || 300,
        height: HEIGHT,
        padding: [10, 14, 0, 0],
        legend: { show: false },
        cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
        scales: {
          x: { time: false, distr: 3, range: (_, min, max) => [min || FIRST, Math.max(max, (min || FIRST) * 100)] },
          y,
        },
        axes: [
          { ...axis, splits: within(POWERS), values: (_, values) => values.map(power), size: 28, gap: 6 },
          { ...axis, splits: within(splits), values: (_, values) => values.map(format), size: 52, gap: 8 },
        ],
        series: [{}, line('blue', 'training digits'), line('orange', 'test digits')],
        hooks: { setCursor: [() => this.#label()] },
      },
      this.#data,
      this.#holder,
    );
    new ResizeObserver(
      eachFrame(() => {
        const width = this.#holder.clientWidth;
        if (width > 0) this.#plot.setSize({ width, height: HEIGHT });
      }),
    ).observe(this.#holder);
    onThemeChange(() => this.#plot.redraw());
  }

  add(examples: number, train: number, test: number): void {
    const [xs, trains, tests] = this.#data;
    xs.push(examples);
    trains.push(train);
    tests.push(test);
    this.#label();
    this.#paint();
  }

  clear(): void {
    for (const column of this.#data) column.length = 0;
    this.#label();
    this.#paint();
  }

  /** In the legend: the values under the cursor, else the last. */
  #label(): void {
    const [xs, trains, tests] = this.#data;
    const at = this.#plot?.cursor.idx ?? xs.length - 1;
    for (const [i, column] of [trains, tests].entries()) {
      const value = column[at];
      setText(this.#legend[i]!, value === undefined ? '' : this.#format(value));
    }
    this.#holder.setAttribute(
      'aria-label',
      xs.length === 0
        ? 'No measurement yet'
        : `After ${count(xs.at(-1)!)} examples: training digits ${this.#format(trains.at(-1)!)}, test digits ${this.#format(tests.at(-1)!)}`,
    );
  }
}

/** Loss and accuracy, side by side. */
export class Charts {
  readonly #loss = new Chart(
    'loss-chart',
    (loss) => String(Number(loss.toPrecision(2))),
    { distr: 3, range: (_, min, max) => [Math.min(min * 0.8, 0.3) || 0.1, Math.max(max * 1.2, 3)] },
    LOSSES,
  );
  readonly #accuracy = new Chart('accuracy-chart', shareLabel, { range: [0, 1.02] }, SHARES);

  add({ examples, train, test }: Point): void {
    // The untrained network is at 0 on an axis without a zero.
    if (examples === 0) return;
    this.#loss.add(examples, Math.max(train.loss, LEAST_LOSS), Math.max(test.loss, LEAST_LOSS));
    this.#accuracy.add(examples, train.accuracy, test.accuracy);
  }

  clear(): void {
    this.#loss.clear();
    this.#accuracy.clear();
  }
}

function shareLabel(share: number): string {
  return SHARES.includes(share) ? percent(share, 0) : percent(share);
}

function power(value: number): string {
  return value >= 1e6 ? `${value / 1e6} M` : value >= 1000 ? `${value / 1000} k` : String(value);
}
