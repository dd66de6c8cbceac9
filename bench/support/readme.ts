import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Claim, claims } from './claims';
import { table } from './markdown';
import { root } from './paths';
import { allValues, type Results } from './results';

const BEGIN = '<!-- figures: written by npm run bench:peers -->\n';
const END = '<!-- end of figures -->\n';

/** Puts the figures of all engines into README.md. */
export function writeReadme(engines: readonly Results[]): void {
  const path = join(root, 'README.md');
  writeFileSync(path, withFigures(readFileSync(path, 'utf8'), engines));
}

/** The text of a README with the figures of these runs between its marks. */
export function withFigures(readme: string, engines: readonly Results[]): string {
  const begin = readme.indexOf(BEGIN);
  const end = readme.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`README.md: expected the lines ${BEGIN}and ${END}`);
  return readme.slice(0, begin + BEGIN.length) + figures(engines) + readme.slice(end);
}

function figures(engines: readonly Results[]): string {
  const found = engines.map(claims);
  const texts = new Set(found.flat().map(({ text }) => text));
  return table(
    ['aim', ...engines.map((results) => `Node ${major(results)}, ${allValues(results, 'variant')} kernels`)],
    [...texts].map((text) => [text, ...found.map((list) => cell(list.find((claim) => claim.text === text)))]),
  );
}

function cell(claim: Claim | undefined): string {
  if (claim === undefined) return '–';
  const { met, range, undisturbed } = claim;
  return { yes: range, undisturbed: `${range}; undisturbed from ${undisturbed}`, no: `**${range}**` }[met];
}

function major(results: Results): string {
  return /Node (\d+)/.exec(allValues(results, 'engine'))![1]!;
}
