// @ts-check
/**
 * A line chart as inline SVG. It needs no script: resting on an epoch shows its values by CSS and `<title>`.
 *
 * @typedef {object} Series
 * @property {string} name
 * @property {string} kind the CSS class of its line and swatch
 * @property {number[]} values one for each x
 *
 * @typedef {object} Chart
 * @property {string} title
 * @property {string} description for those who do not see it
 * @property {number[]} x
 * @property {Series[]} series
 * @property {number} [top] the largest value that is possible
 * @property {(value: number) => string} format of a value
 * @property {(value: number) => string} tick of a value on the axis
 */

const WIDTH = 440;
const HEIGHT = 270;
const PLOT = { left: 50, right: 430, top: 10, bottom: 232 };

/** @param {Chart} chart */
export function lineChart({ title, description, x, series, top = Infinity, format, tick }) {
  const scale = scales(x, series, top);
  const text = `${title}. ${description}`;
  return `
    <figure class="chart">
      <figcaption>
        <h3>${title}</h3>
        <ul class="legend">${series.map((s) => legend(s, format)).join('')}</ul>
      </figcaption>
      <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${text}">
        ${grid(scale, tick)}
        ${series.map(({ kind, values }) => line(kind, x, values, scale)).join('\n        ')}
        ${x.map((_, i) => readout(i, x, series, scale, format)).join('\n        ')}
      </svg>
    </figure>`;
}

/**
 * @param {number[]} x
 * @param {Series[]} series
 * @param {number} top
 */
function scales(x, series, top) {
  const finite = series.flatMap(({ values }) => values).filter(Number.isFinite);
  const low = Math.min(...finite, top === Infinity ? 0 : top);
  const high = Math.max(...finite, low);
  const yTicks = niceTicks(low, high > low ? high : low + 1, 5).filter((value) => value <= top + 1e-9);
  const xTicks = niceTicks(x[0], Math.max(x[x.length - 1], x[0] + 1), 6).filter(
    (value) => Number.isInteger(value) && value >= x[0] && value <= x[x.length - 1],
  );
  return {
    xTicks,
    yTicks,
    x: project(x[0], Math.max(x[x.length - 1], x[0] + 1), PLOT.left, PLOT.right),
    y: project(yTicks[0], yTicks[yTicks.length - 1], PLOT.bottom, PLOT.top),
  };
}

/** @typedef {ReturnType<typeof scales>} Scale */

/**
 * The map from [a, b] to [from, to], in tenths of a unit.
 * @param {number} a
 * @param {number} b
 * @param {number} from
 * @param {number} to
 */
function project(a, b, from, to) {
  return (/** @type {number} */ value) => Number((from + ((value - a) / (b - a)) * (to - from)).toFixed(1));
}

/**
 * Round numbers around [low, high], about `count` of them, in steps of 1, 2 or 5 times a power of ten.
 * @param {number} low
 * @param {number} high
 * @param {number} count
 */
export function niceTicks(low, high, count) {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10);
  const first = Math.floor(low / step + 1e-9);
  const last = Math.ceil(high / step - 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(6)));
}

/**
 * @param {Scale} scale
 * @param {(value: number) => string} tick
 */
function grid(scale, tick) {
  const rows = scale.yTicks.map((value) => {
    const y = scale.y(value);
    return `<path class="grid" d="M${PLOT.left} ${y}H${PLOT.right}"/><text class="y" x="${PLOT.left - 8}" y="${y}">${tick(value)}</text>`;
  });
  const columns = scale.xTicks.map((value) => {
    return `<text class="x" x="${scale.x(value)}" y="${PLOT.bottom + 18}">${value}</text>`;
  });
  const name = `<text class="x" x="${PLOT.right}" y="${HEIGHT - 4}" text-anchor="end">epoch</text>`;
  return [...rows, ...columns, name].join('\n        ');
}

/**
 * @param {string} kind
 * @param {number[]} x
 * @param {number[]} values
 * @param {Scale} scale
 */
function line(kind, x, values, scale) {
  const points = values.flatMap((value, i) => (Number.isFinite(value) ? [`${scale.x(x[i])} ${scale.y(value)}`] : []));
  // A path of one point, closed, is a dot under round caps.
  const d = points.length === 1 ? `M${points[0]}Z` : `M${points.join('L')}`;
  return points.length === 0 ? '' : `<path class="line ${kind}" d="${d}"/>`;
}

/**
 * A column over the plot that shows one epoch's values when the pointer rests on it.
 * @param {number} i
 * @param {number[]} x
 * @param {Series[]} series
 * @param {Scale} scale
 * @param {(value: number) => string} format
 */
function readout(i, x, series, scale, format) {
  const at = scale.x(x[i]);
  const half = Math.max((PLOT.right - PLOT.left) / Math.max(x.length - 1, 1) / 2, 0.5);
  const dots = series
    .filter(({ values }) => Number.isFinite(values[i]))
    .map(({ kind, values }) => `<circle class="${kind}" cx="${at}" cy="${scale.y(values[i])}" r="4"/>`);
  const values = series.map(({ name, values }) => `${name} ${format(values[i])}`).join(', ');
  return (
    `<g class="epoch"><title>Epoch ${x[i]}: ${values}</title>` +
    `<rect x="${(at - half).toFixed(1)}" y="0" width="${(2 * half).toFixed(1)}" height="${PLOT.bottom}"/>` +
    `<path class="cursor" d="M${at} ${PLOT.top}V${PLOT.bottom}"/>${dots.join('')}</g>`
  );
}

/**
 * @param {Series} series
 * @param {(value: number) => string} format
 */
function legend({ name, kind, values }, format) {
  const swatch = `<svg viewBox="0 0 24 8" aria-hidden="true"><path class="line ${kind}" d="M2 4H22"/></svg>`;
  return `<li>${swatch}${name} <b>${format(values[values.length - 1])}</b></li>`;
}
