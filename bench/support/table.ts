import type { Row } from './compare';

const COLUMNS = ['operation', 'shape', 'who', 'median µs', '±', 'best µs', 'rate', 'of roof', '× plain JS'];

/** The longest are softmax_cross_entropy, 784-1024-1024-10 batch 128 and 'of tensors'. */
const WIDTHS = [21, 26, 10, 10, 4, 10, 13, 7, 10];

/** A table whose lines appear as they come; later columns align to the right. */
export class Table {
  readonly #widths = [...WIDTHS];

  /** With room for these contenders. */
  constructor(contenders: Iterable<string>) {
    this.#widths[2] = Math.max(this.#widths[2]!, ...[...contenders].map((name) => name.length));
  }

  printHead(): void {
    this.#line(COLUMNS);
    this.#line(this.#widths.map((width) => '-'.repeat(width)));
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
