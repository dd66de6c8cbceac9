import { NATIVE, OURS, type PeerRow, PLAIN } from './peers-compare';

/** What runs leave for the report, one for each engine; a run of some groups replaces their part. */
export interface Results {
  head: [name: string, value: string][];
  peers: { name: string; version: string; evaluation: string }[];
  absent: { name: string; failure: string }[];
  groups: Record<string, PeerRow[]>;
  /** Which source each group measured. */
  commits: Record<string, string>;
}

/** All contenders of one line of work. */
export interface Line {
  operation: string;
  shape: string;
  rows: PeerRow[];
}

export function linesOf(rows: readonly PeerRow[]): Line[] {
  const lines = new Map<string, Line>();
  for (const row of rows) {
    const key = `${row.operation} ${row.shape}`;
    if (!lines.has(key)) lines.set(key, { operation: row.operation, shape: row.shape, rows: [] });
    lines.get(key)!.rows.push(row);
  }
  return [...lines.values()];
}

export function ours(line: Line): PeerRow | undefined {
  return line.rows.find(({ contender, median }) => contender === OURS && median !== undefined);
}

/** The fastest package of JavaScript that gave a right answer to the same work. */
export function bestPeer(line: Line, way = (_contender: string) => true): PeerRow | undefined {
  return line.rows
    .filter(({ contender, overOurs, note }) => overOurs !== undefined && !note && way(contender))
    .filter(({ contender }) => contender !== PLAIN && !contender.startsWith(NATIVE))
    .sort((a, b) => a.overOurs! - b.overOurs!)[0];
}
