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
  const numbers: number[] = [];
  const collect = (axis: number, at: number): void => {
    if (axis === shape.length) numbers.push(values[at]!);
    else for (const i of shown(shape[axis]!)) collect(axis + 1, at + i * strides[axis]!);
  };
  collect(0, 0);
  const format = numberFormat(numbers);

  const render = (axis: number, at: number): string => {
    if (axis === shape.length) return format(values[at]!);
    const length = shape[axis]!;
    const parts = shown(length).map((i) => render(axis + 1, at + i * strides[axis]!));
    if (abbreviated && length > 2 * EDGE) parts.splice(EDGE, 0, '...');
    const indent = ' '.repeat(axis + 1);
    if (axis < shape.length - 1) return `[${parts.join(`,${'\n'.repeat(shape.length - axis - 1)}${indent}`)}]`;
    return `[${wrap(parts, indent)}]`;
  };
  return `${head}\n${render(0, 0)}`;
}

/** Numbers of a row, on as many lines as it takes. */
function wrap(parts: string[], indent: string): string {
  let text = '';
  let column = indent.length;
  for (const [i, part] of parts.entries()) {
    if (i > 0 && column + part.length > WIDTH - indent.length) {
      text = `${text.trimEnd()}\n${indent}`;
      column = indent.length;
    }
    const piece = i < parts.length - 1 ? `${part}, ` : part;
    text += piece;
    column += piece.length;
  }
  return text;
}

/** NumPy's choice: exponents where fixed notation would hide digits, and the point in one column. */
function numberFormat(numbers: readonly number[]): (v: number) => string {
  const magnitudes = numbers.filter((v) => Number.isFinite(v) && v !== 0).map(Math.abs);
  const largest = maximum(magnitudes);
  const smallest = -maximum(magnitudes.map((v) => -v));
  const exponential =
    magnitudes.length > 0 && (largest >= 1e6 || smallest < Math.fround(1e-4) || Math.fround(largest / smallest) > 1000);
  const texts = numbers.filter(Number.isFinite).map((v) => (exponential ? shortest(v) : fixed(v)).split('e')[0]!);
  const fraction = maximum(
    texts.map((text) => text.split('.')[1]?.length ?? 0),
    0,
  );
  const cell = (v: number): string => {
    if (!Number.isFinite(v)) return Number.isNaN(v) ? 'nan' : v > 0 ? 'inf' : '-inf';
    const sign = Object.is(v, -0) ? '-' : '';
    if (exponential) {
      const [mantissa, power] = v.toExponential(fraction).split('e') as [string, string];
      return `${sign}${withPoint(mantissa)}e${power.replace(/^(.)(\d)$/, '$10$2')}`;
    }
    const text = withPoint(fixed(v));
    return sign + text.padEnd(text.indexOf('.') + 1 + fraction);
  };
  const width = maximum(numbers.map((v) => cell(v).length));
  return (v) => cell(v).padStart(width);
}

/** Of any number of numbers: as arguments of Math.max they would fill the stack. */
function maximum(numbers: readonly number[], least = -Infinity): number {
  return numbers.reduce((a, b) => (b > a ? b : a), least);
}

function withPoint(text: string): string {
  return text.includes('.') ? text : `${text}.`;
}

/** In exponential notation, the fewest digits that give this float32 back. */
function shortest(v: number): string {
  for (let digits = 0; digits < PRECISION; digits++) {
    const text = v.toExponential(digits);
    if (Math.fround(Number(text)) === v) return text;
  }
  return v.toExponential(PRECISION);
}

/** The same in fixed notation, cut after {@link PRECISION} digits of the fraction. */
function fixed(v: number): string {
  const whole = Number(shortest(v));
  const fits = Number(whole.toFixed(PRECISION)) === whole;
  return (fits ? whole : v).toFixed(PRECISION).replace(/\.?0+$/, '');
}
