import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Claim, claims } from './claims';
import { headline, isComplete } from './headline';
import { table } from './markdown';
import { root } from './paths';
import { allValues, type Results } from './results';

/** Puts the figures of all engines into README.md. */
export function writeReadme(engines: readonly Results[]): void {
  const path = join(root, 'README.md');
  writeFileSync(path, withFigures(readFileSync(path, 'utf8'), engines));
}

/** The text of a README with the figures of these runs between its marks; its head has those of the newest engine. */
export function withFigures(readme: string, engines: readonly Results[]): string {
  const [newest] = engines.filter(isComplete).sort((a, b) => Number(major(b)) - Number(major(a)));
  const headed = newest === undefined ? readme : between('headline', readme, headline(newest));
  return between('figures', headed, figures(engines));
}

function between(name: string, readme: string, text: string): string {
  const marks = [`<!-- ${name}: written by npm run bench:peers -->\n`, `<!-- end of ${name} -->`] as const;
  const begin = readme.indexOf(marks[0]);
  const end = readme.indexOf(marks[1]);
  if (begin < 0 || end < begin) throw new Error(`README.md: expected the lines ${marks[0]}and ${marks[1]}`);
  return readme.slice(0, begin) + marks[0] + text + readme.slice(end);
}

function figures(engines: readonly Results[]): string {
  const found = engines.map(claims);
  const texts = new Set(found.flat().map(({ text }) => text));
  const legend = found.flat().some(({ met }) => met === 'undisturbed')
    ? '\n"undisturbed" is the best of many calls, where only that meets the aim.\n'
    : '';
  return (
    table(
      ['aim', ...engines.map((results) => `Node ${major(results)}, ${allValues(results, 'variant')} kernels`)],
      [...texts].map((text) => [text, ...found.map((list) => cell(list.find((claim) => claim.text === text)))]),
    ) + legend
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
