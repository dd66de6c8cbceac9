import { claims } from './claims';
import { BUSY, NATIVE, OURS, PLAIN } from './names';
import { time } from './peers-table';
import { allValues, bestPeer, type Line, linesOf, ours, provenance, type Results } from './results';
import { barPlot, linePlot, type Series } from './svg';
import { significant } from './table';

const STYLE = `
:root { color-scheme: light dark; --paper: #fff; --ink: #1b1d22; --soft: #5d6470; --line: #d9dce2; --ours: #c2410c;
  --p1: #2563eb; --p2: #0f766e; --p3: #7c3aed; --p4: #a16207; --p5: #64748b; --roof: #6b7280; --no: #b91c1c; --yes: #15803d; }
@media (prefers-color-scheme: dark) { :root { --paper: #16181d; --ink: #e7e9ee; --soft: #a0a7b4; --line: #33373f;
  --ours: #fb923c; --p1: #60a5fa; --p2: #2dd4bf; --p3: #c4b5fd; --p4: #facc15; --p5: #94a3b8; --roof: #9ca3af;
  --no: #f87171; --yes: #4ade80; } }
body { background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; max-width: 800px;
  margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem; }
p, figcaption, td small { color: var(--soft); } figure { margin: 1rem 0; }
svg { width: 100%; height: auto; font: 12px system-ui, sans-serif; }
svg text { fill: var(--ink); } .grid { stroke: var(--line); } .lead { stroke: var(--line); } .one { stroke: var(--ink); }
table { border-collapse: collapse; width: 100%; font-size: 13px; } th { text-align: left; font-weight: 600; }
td, th { padding: .25rem .6rem .25rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.yes { color: var(--yes); } .no { color: var(--no); font-weight: 600; } .scroll { overflow-x: auto; }`;

const LONGEST_BAR = 8;

/** One page without anything to fetch. */
export function htmlReport(engines: readonly Results[]): string {
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>simdgrad: benchmarks</title><style>${STYLE}</style>
<h1>simdgrad against its peers</h1>
${engines.map(section).join('\n<hr>\n')}
</html>
`;
}

function section(results: Results): string {
  const { peers, absent, runs, groups } = results;
  const { common, columns, rows } = provenance(runs);
  const all = Object.values(groups).flat();
  const lines = linesOf(all.filter(({ operation }) => operation !== 'download' && operation !== 'start'));
  return `
${table(
  [],
  common.map((pair) => pair.map(html)),
)}
${
  rows.length === 0
    ? ''
    : table(
        columns,
        rows.map((row) => row.map(html)),
      )
}
<p>Every answer was checked against float64 before it was timed. All contenders of a line took turns in short rounds on
one thread where a line names no more; figures are medians. Native NumPy uses wider vectors than WebAssembly has and is here as a landmark.</p>
<h2>Matrix products: GFLOP/s over size</h2>
<figure>${products(lines)}<figcaption>Best round of each. The dashed line is the most that 128-bit vectors gave
beside them: a loop that does nothing but multiply and add in registers. ${html(allValues(results, 'engine'))}.</figcaption></figure>
<h2>How much longer the best peer takes</h2>
<figure>${ratios(lines)}<figcaption>The fastest package of JavaScript that gave a right answer, in multiples of our time;
the vertical line is 1, and bars end at ${LONGEST_BAR}.</figcaption></figure>
<h2>What a user downloads</h2>
<figure>${bytes(results)}<figcaption>KB, gzip: bundled and minified for a browser, with the files that it
fetches. ${imports(results)}</figcaption></figure>
<h2>What we want to be true, and what this run says</h2>
${table(
  ['', 'claim', 'measured, worst first'],
  claims(results).map(({ met, text, measured }) => [
    `<span class="${met === 'no' ? 'no' : 'yes'}">${met}</span>`,
    html(text),
    html(measured),
  ]),
)}
<h2>All figures</h2>
<div class="scroll"><table><tr><th>work</th><th>who</th><th>median</th><th>±</th><th>GFLOP/s</th><th>of roof</th>
<th>× ours</th></tr>${lines.map(rowsOf).join('')}</table></div>
<h2>From the start of a process</h2>
${table(
  ['', 'who', 'median'],
  (groups.start ?? []).map(({ shape, contender, median, note }) => [
    html(shape),
    html(contender),
    median === undefined ? html(note ?? '') : time(median),
  ]),
)}
<h2>The peers</h2>
${table(
  ['peer', 'version', 'evaluation, part of what is timed'],
  peers.map(({ name, version, evaluation }) => [name, version, evaluation].map(html)),
)}
${absent.map(({ name, failure }) => `<p>Not run: ${html(name)}, ${html(failure)}.</p>`).join('')}`;
}

function products(lines: Line[]): string {
  const squares = lines.filter(({ operation, shape }) => operation === 'matmul' && /^(\d+)×\1×\1$/.test(shape));
  const names = [...new Set(squares.flatMap(({ rows }) => rows.map(({ contender }) => contender)))];
  const colors = ['--p1', '--p2', '--p3', '--p4'];
  const color = (name: string) =>
    name === OURS
      ? 'var(--ours)'
      : `var(${[PLAIN, NATIVE, BUSY, 'ml-matrix'].includes(name) ? '--p5' : (colors.shift() ?? '--p5')})`;
  const series = names.map((name): Series => {
    const points = squares.flatMap(({ shape, rows }) => {
      const n = Number.parseInt(shape, 10);
      const row = rows.find(({ contender }) => contender === name);
      return row?.best === undefined ? [] : [{ x: n, y: (2 * n ** 3) / row.best / 1e9 }];
    });
    return { name, color: color(name), points };
  });
  const roof = squares.flatMap((line) => {
    const row = ours(line);
    return row?.roof ? [{ x: Number.parseInt(line.shape, 10), y: row.roof }] : [];
  });
  series.push({ name: 'roof', color: 'var(--roof)', points: roof, dashed: true });
  const largest = Math.max(...series.flatMap(({ points }) => points.map(({ y }) => y)), 1);
  const step = largest > 60 ? 20 : 10;
  const ticks = squares.map(({ shape }) => Number.parseInt(shape, 10)).sort((a, b) => a - b);
  if (ticks.length < 2) return '';
  return linePlot(series, ticks, { max: Math.ceil(largest / step) * step, step, unit: 'GFLOP/s' });
}

function ratios(lines: Line[]): string {
  const bars = lines.flatMap((line) => {
    const best = bestPeer(line);
    if (best?.overOurs === undefined) return [];
    const text = `${significant(best.overOurs)} × ${html(best.contender)}`;
    const color = best.overOurs >= 1 ? 'var(--ours)' : 'var(--no)';
    return [
      { label: html(`${line.operation} ${line.shape}`), value: Math.min(best.overOurs, LONGEST_BAR), text, color },
    ];
  });
  return bars.length === 0 ? '' : barPlot('How much longer the best peer takes', bars, true);
}

function imports({ groups }: Results): string {
  return (groups.bytes ?? []).map(({ contender, imports }) => html(`${contender}: ${imports ?? ''}.`)).join(' ');
}

function bytes({ groups }: Results): string {
  const bars = (groups.bytes ?? []).map(({ contender, note }) => {
    const kilobytes = Number(note) / 1000;
    const color = contender.startsWith(OURS) ? 'var(--ours)' : 'var(--p5)';
    return { label: html(contender), value: kilobytes, text: `${kilobytes.toFixed(0)} KB`, color };
  });
  return bars.length === 0 ? '' : barPlot('KB that a user downloads', bars, false);
}

function rowsOf({ operation, shape, rows }: Line): string {
  return rows
    .map(({ contender, median, spread, gflops, ofRoof, overOurs, note }, i) => {
      const work = i === 0 ? `<td rowspan="${rows.length}">${html(operation)}<br>${html(shape)}</td>` : '';
      const cells = [
        median === undefined ? '–' : time(median),
        spread === undefined ? '' : `${(spread * 100).toFixed(0)} %`,
        gflops === undefined ? '' : significant(gflops),
        ofRoof === undefined ? '' : `${(ofRoof * 100).toFixed(0)} %`,
        overOurs === undefined ? '' : significant(overOurs),
      ];
      const who = html(contender) + (note ? `<br><small>${html(note)}</small>` : '');
      return `<tr>${work}<td>${who}</td>${cells.map((cell) => `<td class="n">${cell}</td>`).join('')}</tr>`;
    })
    .join('');
}

function table(head: string[], rows: string[][]): string {
  const cells = (list: string[], tag: string) => `<tr>${list.map((cell) => `<${tag}>${cell}</${tag}>`).join('')}</tr>`;
  return `<table>${head.length > 0 ? cells(head, 'th') : ''}${rows.map((row) => cells(row, 'td')).join('')}</table>`;
}

function html(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
