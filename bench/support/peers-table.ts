import type { PeerRow } from './peers-compare';
import { significant } from './table';

/** A line as it comes, for the terminal. */
export function printRow(row: PeerRow): void {
  const cells = [row.operation.padEnd(16), row.shape.padEnd(28), row.contender.padEnd(26)];
  if (row.median === undefined) cells.push(row.note ?? '');
  else {
    cells.push(
      `${time(row.median).padStart(10)} ±${((row.spread ?? 0) * 100).toFixed(0).padStart(2)}%`,
      (row.gflops === undefined ? '' : `${significant(row.gflops)} GFLOP/s`).padStart(14),
      (row.ofRoof === undefined ? '' : `${(row.ofRoof * 100).toFixed(0)}% of roof`).padStart(12),
      (row.overOurs === undefined ? '' : `${significant(row.overOurs)} × ours`).padStart(14),
      row.undisturbed === undefined ? '' : `${(row.undisturbed * 100).toFixed(0)}% undisturbed`,
      row.note ?? '',
    );
  }
  console.log(cells.join(' ').trimEnd());
}

/** Seconds, in the unit that suits. */
export function time(seconds: number): string {
  if (seconds >= 1) return `${significant(seconds)} s`;
  if (seconds >= 1e-3) return `${significant(seconds * 1e3)} ms`;
  return seconds >= 1e-6 ? `${significant(seconds * 1e6)} µs` : `${significant(seconds * 1e9)} ns`;
}
