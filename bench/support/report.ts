import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { claims } from './claims';
import { table } from './markdown';
import { BUSY, OURS } from './names';
import { root } from './paths';
import type { PeerRow } from './peers-compare';
import { time } from './peers-table';
import { htmlReport } from './report-html';
import { allValues, bestPeer, linesOf, provenance, type Results } from './results';
import { significant } from './table';

/** Writes bench/report.md and bench/report.html; the first of the engines has the plots. */
export function writeReport(engines: readonly Results[]): void {
  writeFileSync(join(root, 'bench/report.md'), engines.map(markdown).join('\n'));
  writeFileSync(join(root, 'bench/report.html'), htmlReport(engines));
}

function markdown(results: Results): string {
  const { peers, absent, runs, groups } = results;
  const { common, columns, rows } = provenance(runs);
  const byRun = rows.length === 0 ? '' : `${table(columns, rows)}\n`;
  const timed = Object.values(groups)
    .flat()
    .filter(({ operation }) => operation !== 'download' && operation !== 'start');
  const lines = linesOf(timed);
  return `# simdgrad against its peers: ${allValues(results, 'engine')}, ${allValues(results, 'variant')} kernels

${table(['', ''], common)}
${byRun}Every answer was checked against float64 before it was timed. Figures are medians over short rounds in which all
contenders of a line took turns, ± half the distance of the quartiles; "× ours" is the median of the ratios within a
round, so above 1 we are faster. The roof is a register-only multiply-add loop, timed in the same rounds. "In company" is
a landmark, the same loop with as many integer instructions beside it as a register tile has: 100 % where a core is all
ours, less where the issue slots are shared with another thread of the core. Its rounds may meet another mood of a shared
core than ours do, so a product may come out above it. The roof of what memory limits (relu, add, mul, sgd) is a
copy among the same arrays that reads and writes as many bytes in all; that of one row by a matrix is a loop that only reads the matrix, "from
memory" where every call has another one, of more than the caches hold. "Undisturbed" is the best of up to 300 rounds more of ours (a call of
half a second has 75) and of the roof, each for itself: what is left when nobody else is on the core; of calls on 4 elements
it is the best of the rounds themselves. A claim that holds there and not in the median says so. One thread; where a line
names more, each contender rests for 100 ms before a round, until the workers of the one before sleep, then does 15 ms of the
same work, so that its own are awake, and there is no roof. Native NumPy has wider vectors than WebAssembly and is here as a landmark.

## What we want to be true, and what this run says

${table(
  ['', 'claim', 'measured, worst first'],
  claims(results).map((c) => [c.met === 'no' ? '**no**' : c.met, c.text, c.measured]),
)}
## Ours and the best peer

${table(
  ['operation', 'shape', OURS, 'of roof', 'undisturbed', 'roof in company', 'best peer', 'its time', '× ours'],
  lines.map((line) => {
    const mine = line.rows.find(({ contender }) => contender === OURS);
    const best = bestPeer(line);
    return [
      line.operation,
      line.shape,
      mine?.median === undefined ? '–' : time(mine.median),
      percent(mine?.ofRoof),
      percent(mine?.undisturbed),
      percent(line.rows.find(({ contender }) => contender === BUSY)?.ofRoof),
      best?.contender ?? '–',
      best?.median === undefined ? '–' : time(best.median),
      best?.overOurs === undefined ? '–' : significant(best.overOurs),
    ];
  }),
)}
## All contenders

${table(['operation', 'shape', 'contender', 'median', '±', 'best', 'GFLOP/s', 'of roof', '× ours', ''], timed.map(fullRow))}
## From the start of a process

The first product of 64×64 in a fresh process, and from there until it has its final speed: until the median of 15 calls
is within 20 % of the median of the last quarter of 2000 calls, or of those of 1.5 s.

${table(
  ['', 'contender', 'median', '±', ''],
  (groups.start ?? []).map((row) => [row.shape, row.contender, ...medianOf(row), row.note ?? '']),
)}
## Downloaded

Bundled and minified by esbuild for a browser, with the files that the bundle fetches, gzip: what a program imports that
multiplies matrices and trains a small network, where the package has that.

${table(
  ['contender', 'KB', 'imports'],
  (groups.bytes ?? []).map(({ contender, note, imports }) => [
    contender,
    (Number(note) / 1000).toFixed(1),
    imports ?? '',
  ]),
)}
## The peers

${table(
  ['peer', 'version', 'evaluation, part of what is timed'],
  peers.map(({ name, version, evaluation }) => [name, version, evaluation]),
)}${absent.map(({ name, failure }) => `Not run: ${name}, ${failure}.\n`).join('')}`;
}

function fullRow(row: PeerRow): string[] {
  return [
    row.operation,
    row.shape,
    row.contender,
    ...medianOf(row),
    row.best === undefined ? '' : time(row.best),
    row.gflops === undefined ? '' : significant(row.gflops),
    percent(row.ofRoof),
    row.overOurs === undefined ? '' : significant(row.overOurs),
    row.note ?? '',
  ];
}

function medianOf({ median, spread }: PeerRow): string[] {
  return median === undefined ? ['–', ''] : [time(median), `${((spread ?? 0) * 100).toFixed(0)} %`];
}

function percent(part: number | undefined): string {
  return part === undefined ? '' : `${(part * 100).toFixed(0)} %`;
}
