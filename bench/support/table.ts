import type { Row } from './compare';

const COLUMNS = ['operation', 'shape', 'who', 'median µs', '±', 'best µs', 'rate', 'of roof', '× plain JS'];

/** A table whose lines appear as they come; later columns align to the right. */
export class Table {
  readonly #widths: number[];

  constructor(widths = [22, 21, 10, 10, 4, 10, 13, 7, 10]) {
    this.#widths = widths;
    this.#line(COLUMNS);
    this.#line(widths.map((width) => '-'.repeat(width)));
  }

  print(row: Row): void {
    if (row.wrong !== undefined) {
      console.log(`${row.bench} ${row.shape}: ${row.contender} is WRONG, not timed: ${row.wrong}`);
      return;
    }
    this.#line([
      row.bench,
      row.shape,
      row.contender,
      significant(row.median * 1e6),
      `${(row.spread * 100).toFixed(0)}%`,
      significant(row.best * 1e6),
      row.rate ? `${significant(row.rate.value)} ${row.rate.unit}` : '',
      row.rate ? `${(row.rate.ofRoof * 100).toFixed(0)}%` : '',
      row.overJs === undefined ? '' : significant(row.overJs),
    ]);
  }

  #line(cells: string[]): void {
    const padded = cells.map((cell, i) => (i < 3 ? cell.padEnd(this.#widths[i]!) : cell.padStart(this.#widths[i]!)));
    console.log(padded.join('  ').trimEnd());
  }
}

/** Three significant digits, without an exponent. */
export function significant(x: number): string {
  if (!Number.isFinite(x)) return String(x);
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(x) || 1)));
  return x.toFixed(Math.min(digits, 4));
}
