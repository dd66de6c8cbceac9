import { NATIVE, OURS, PLAIN } from './names';
import type { PeerRow } from './peers-compare';

/** What a group was measured on, when, and how to do it again: CPU, engine, variant, threads, date, commit, command. */
export type Run = Record<string, string>;

/** What runs leave for the report, one for each engine; a run of some groups replaces their part. */
export interface Results {
  /** What all runs have in common. */
  head: [name: string, value: string][];
  peers: { name: string; version: string; evaluation: string }[];
  absent: { name: string; failure: string }[];
  groups: Record<string, PeerRow[]>;
  /** By group: each may be of another day, commit and machine. */
  runs: Record<string, Run>;
}

/** What all runs have in common, and a row for each set of groups with what they have not. */
export function provenance(runs: Record<string, Run>): {
  common: [name: string, value: string][];
  columns: string[];
  rows: string[][];
} {
  const all = Object.values(runs);
  const names = [...new Set(all.flatMap((run) => Object.keys(run)))];
  const valuesOf = (name: string) => [...new Set(all.flatMap((run) => run[name] ?? []))];
  const columns = names.filter((name) => valuesOf(name).length > 1);
  const rows = new Map<string, { groups: string[]; values: string[] }>();
  for (const [group, run] of Object.entries(runs)) {
    const values = columns.map((name) => run[name] ?? '');
    const key = values.join('\n');
    if (!rows.has(key)) rows.set(key, { groups: [], values });
    rows.get(key)!.groups.push(group);
  }
  return {
    common: names.filter((name) => !columns.includes(name)).map((name) => [name, valuesOf(name)[0]!]),
    columns: ['groups', ...columns],
    rows: columns.length === 0 ? [] : [...rows.values()].map(({ groups, values }) => [groups.join(', '), ...values]),
  };
}

/** The one value of all runs, or all values they have. */
export function allValues({ runs }: Results, name: string): string {
  return [...new Set(Object.values(runs).flatMap((run) => run[name] ?? []))].join(' and ');
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
    .filter(({ contender }) => ![OURS, PLAIN, NATIVE].some((name) => contender.startsWith(name)))
    .sort((a, b) => a.overOurs! - b.overOurs!)[0];
}
