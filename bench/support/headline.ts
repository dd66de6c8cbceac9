import { table } from './markdown';
import { EVERYTHING, OURS, PLAIN } from './names';
import { allValues, bestPeer, type Line, linesOf, ours, type Results } from './results';
import { significant } from './table';

/** The few figures at the head of README: one line of work each, beside the fastest package that has the same to do. */
export function headline(results: Results): string {
  const { groups } = results;
  const lines = linesOf(Object.values(groups).flat());
  const of = (operation: string, shape: string) =>
    lines.find((line) => line.operation === operation && line.shape === shape);
  const product = of('matmul', '512×512×512');
  const step = of('training step', '784-50-10 batch 100');
  return table(
    [`${machine(results)}, one core`, OURS, 'the fastest of the others'],
    [
      ['matrix product, 512×512 by 512×512', ...timed(product)],
      [
        'training step, 784-50-10, batch 100; others: backward pass by hand',
        ...timed(step, (name) => name.endsWith('by hand')),
      ],
      ['the same; others: own gradients', ...timed(step, (name) => name.endsWith('own gradients'))],
      ['from the start of Node to a first product', ...started(of('start', 'process to first 64³'))],
      ['download of everything but threads, gzip', ...downloaded(of('download', 'gzip bytes'))],
    ],
  );
}

/** Whether a run has all that the head of README says: of one that was asked for some groups, it says nothing. */
export function isComplete({ groups }: Results): boolean {
  return ['matmul', 'training', 'start', 'bytes'].every((group) => group in groups);
}

function machine(results: Results): string {
  const node = /Node \d+/.exec(allValues(results, 'engine'))![0];
  return `${node}, ${allValues(results, 'CPU').replace(/ \(.*/, '')}`;
}

/** The name of a contender without its way, which follows a comma. */
const name = (contender: string) => contender.split(',')[0]!;

function timed(line: Line | undefined, way?: (contender: string) => boolean): string[] {
  const [mine, peer] = [line && ours(line), line && bestPeer(line, way)];
  if (mine?.median === undefined || peer?.median === undefined) return ['–', '–'];
  return [milliseconds(mine.median), `${milliseconds(peer.median)}, ${name(peer.contender)}`];
}

/** Of those that run WebAssembly, as this package: what starts without it has its first product sooner. */
function started(line: Line | undefined): string[] {
  const [mine, peer] = [
    line && ours(line)?.median,
    line?.rows
      .filter(({ contender, median }) => median !== undefined && ![OURS, PLAIN, 'ml-matrix'].includes(contender))
      .sort((a, b) => a.median! - b.median!)[0],
  ];
  if (mine === undefined || peer === undefined) return ['–', '–'];
  return [milliseconds(mine), `${milliseconds(peer.median!)}, ${peer.contender} (of those with WebAssembly)`];
}

function downloaded(line: Line | undefined): string[] {
  const bytes = (contender: string) => Number(line?.rows.find((row) => row.contender === contender)?.note);
  const peers = ['tfjs wasm', 'ort-web', 'jax-js', 'numpy-ts'].filter((peer) => bytes(peer) > 0);
  const kilobytes = (contender: string) => `${(bytes(contender) / 1000).toFixed(0)} KB`;
  return [kilobytes(EVERYTHING), peers.map((peer) => `${kilobytes(peer)} ${peer}`).join(', ')];
}

function milliseconds(seconds: number): string {
  return `${significant(seconds * 1e3)} ms`;
}
