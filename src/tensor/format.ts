import { formatShape, type Shape, sizeOf } from './shape.js';

/** Larger tensors are abbreviated, as NumPy does. */
const THRESHOLD = 1000;
/** Elements that are shown at either end of an axis then: those that `shown` lists. */
const EDGE = 3;
/** Columns and digits after the point: NumPy's `linewidth` and `precision`. */
const WIDTH = 75;
const PRECISION = 8;

/** The shape, and the values as NumPy prints them: one notation and one column width for all. */
export function formatTensor(shape: Shape, values: Float32Array | undefined): string {
  const head = `Tensor(${formatShape(shape)})`;
  if (values === undefined) return `${head} (no longer readable)`;
  if (values.length === 0) return `${head}\n[]`;
  const abbreviated = values.length > THRESHOLD;
  const shown = (length: number): number[] =>
    abbreviated && length > 2 * EDGE
      ? [0, 1, 2, length - 3, length - 2, length - 1]
      : Array.from({ length }, (_, i) => i);
  const strides = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
  const render = (format: (v: number) => string, axis = 0, at = 0): string => {
    if (axis === shape.length) return format(values[at]!);
    const length = shape[axis]!;
    const parts = shown(length).map((i) => render(format, axis + 1, at + i * strides[axis]!));
    if (abbreviated && length > 2 * EDGE) parts.splice(EDGE, 0, '...');
    const indent = ' '.repeat(axis + 1);
    if (axis < shape.length - 1) return `[${parts.join(`,${'\n'.repeat(shape.length - axis - 1)}${indent}`)}]`;
    return `[${wrap(parts, indent)}]`;
  };
  // Twice: all numbers that are shown decide how each is written.
  const numbers: number[] = [];
  render((v) => `${numbers.push(v)}`);
  return `${head}\n${render(numberFormat(numbers))}`;
}

/** Numbers of a row, on as many lines as it takes. */
function wrap(parts: string[], indent: string): string {
  let text = '';
  let column = indent.length;
  for (const part of parts) {
    if (text !== '' && column + part.length > WIDTH - indent.length) {
      text = `${text.trimEnd()}\n${indent}`;
      column = indent.length;
    }
    text += `${part}, `;
    column += part.length + 2;
  }
  return text.slice(0, -2);
}

/** NumPy's choice: exponents where fixed notation would hide digits, and the point in one column. */
function numberFormat(numbers: readonly number[]): (v: number) => string {
  const magnitudes = numbers.filter((v) => Number.isFinite(v) && v !== 0).map(Math.abs);
  const largest = maximum(magnitudes);
  const smallest = -maximum(magnitudes.map((v) => -v));
  // Without any, largest is -Infinity and smallest Infinity: fixed notation.
  const exponential = largest >= 1e6 || smallest < Math.fround(1e-4) || Math.fround(largest / smallest) > 1000;
  const texts = numbers.filter(Number.isFinite).map((v) => (exponential ? shortest(v) : fixed(v)).split('e')[0]!);
  const fraction = maximum([0, ...texts.map((text) => text.split('.')[1]?.length ?? 0)]);
  const cell = (v: number): string => {
    if (!Number.isFinite(v)) return Number.isNaN(v) ? 'nan' : v > 0 ? 'inf' : '-inf';
    const sign = Object.is(v, -0) ? '-' : '';
    if (exponential) {
      const [mantissa, power] = rounded(v, 'toExponential', fraction).split('e') as [string, string];
      return `${sign}${withPoint(mantissa)}e${power.replace(/^(.)(\d)$/, '$10$2')}`;
    }
    const text = withPoint(fixed(v));
    return sign + text.padEnd(text.indexOf('.') + 1 + fraction);
  };
  const width = maximum(numbers.map((v) => cell(v).length));
  return (v) => cell(v).padStart(width);
}

/** Of any number of numbers: as arguments of Math.max they would fill the stack. */
function maximum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => (b > a ? b : a), -Infinity);
}

function withPoint(text: string): string {
  return text.includes('.') ? text : `${text}.`;
}

/** In exponential notation, the fewest digits that give this float32 back. */
function shortest(v: number): string {
  for (let digits = 0; ; digits++) {
    const text = rounded(v, 'toExponential', digits);
    if (Math.fround(Number(text)) === v) return text; // with nine digits always
  }
}

/** The same in fixed notation, cut after {@link PRECISION} digits of the fraction. */
function fixed(v: number): string {
  const whole = Number(shortest(v));
  const fits = Number(whole.toFixed(PRECISION)) === whole;
  return rounded(fits ? whole : v, 'toFixed', PRECISION).replace(/\.?0+$/, '');
}

/** JavaScript rounds a tie up, NumPy to the even digit: from a little below it, JavaScript rounds it down. */
function rounded(v: number, method: 'toFixed' | 'toExponential', digits: number): string {
  const text = v[method](digits);
  return Number(text.split('e')[0]!.slice(-1)) % 2 ? (v * (1 - 2 ** -53))[method](digits) : text;
}
