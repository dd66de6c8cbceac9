import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './paths';
import { provenance, type Results } from './results';

// What the report is made from is committed, one file for each major version of Node: a run of one group, in a fresh clone
// too, replaces its part and keeps the rest.

const FOLDER = join(root, 'bench/results');
const NAME = /^node(\d+)\.json$/;
/** Far below what two runs agree on. */
const DIGITS = 6;

/** The figures of this Node, and where they were left; none yet is an empty list of groups. */
export function readResults(major: string): Results {
  const results: Results = { head: [], peers: [], absent: [], runs: {}, groups: {}, ...read(major) };
  return { ...results, head: provenance(results.runs).common };
}

/** The figures of all Nodes that have some, the newest first. */
export function readAllResults(): Results[] {
  const majors = readdirSync(FOLDER).flatMap((name) => NAME.exec(name)?.[1] ?? []);
  return majors.sort((a, b) => Number(b) - Number(a)).map(readResults);
}

export function writeResults(major: string, results: Omit<Results, 'head'>): void {
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(join(FOLDER, `node${major}.json`), format(results));
}

/** A group that is the same in every engine, to the figures of all Nodes. */
export function writeEverywhere(group: string, { groups, runs }: Pick<Results, 'groups' | 'runs'>): void {
  for (const name of readdirSync(FOLDER)) {
    const major = NAME.exec(name)?.[1];
    if (major === undefined) continue;
    const others = readResults(major);
    others.groups[group] = groups[group]!;
    others.runs[group] = runs[group]!;
    writeResults(major, others);
  }
}

function read(major: string): Partial<Omit<Results, 'head'>> {
  try {
    return JSON.parse(readFileSync(join(FOLDER, `node${major}.json`), 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}

/** JSON in which every row is a line, so that a diff shows what was measured again. */
function format({ peers, absent, runs, groups }: Omit<Results, 'head'>): string {
  const list = (rows: readonly unknown[], indent = '  ') =>
    rows.length === 0 ? '[]' : `[\n${rows.map((row) => `${indent}  ${line(row)}`).join(',\n')}\n${indent}]`;
  const named = (entries: [name: string, text: string][]) =>
    `{\n${entries.map(([name, text]) => `    ${JSON.stringify(name)}: ${text}`).join(',\n')}\n  }`;
  return `{
  "peers": ${list(peers)},
  "absent": ${list(absent)},
  "runs": ${named(Object.entries(runs).map(([group, run]) => [group, line(run)]))},
  "groups": ${named(Object.entries(groups).map(([group, rows]) => [group, list(rows, '    ')]))}
}
`;
}

function line(value: unknown): string {
  return JSON.stringify(value, (_, x) => (typeof x === 'number' ? Number(x.toPrecision(DIGITS)) : x));
}
