import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as simdgrad from 'simdgrad';
import { describe, expect, test } from 'vitest';
import { families } from '../../bench/index';
import type { Bench } from '../../bench/support/contender';
import { sweepOf } from '../../bench/support/library';
import { shapesWith } from '../../bench/support/options';

const benches = Object.values(families).flat();

test.each([
  ['', '64×64×64', true],
  ['', '10000', true],
  ['', '2-3-2 batch 1', true],
  ['8x784x512', '8×784×512', true],
  ['8x784x512', '128×784×512', false],
  ['64x64', '64×64×64', true],
  ['1000', '10000', false],
  ['batch 1', '2-3-2 batch 1', true],
  ['batch 1', '784-50-10 batch 100', false],
  ['NT', '1×784×512 NT', true],
  ['axis 0', '128×1024 axis 0', true],
  ['1024 axis', '128×1024 axis 0', true],
  ['+', '100×100 + 100×100', true],
])('--shape %j of %j: %j', (text, shape, wanted) => {
  expect(shapesWith(text)(shape)).toBe(wanted);
});

describe.each(benches)('bench $name', ({ name, cases, more }) => {
  test('all who take part in its short run give the right answer', () => {
    for (const make of name === 'forms' ? more : cases) {
      const work = make();
      const contenders = { simdgrad: work.simdgrad(simdgrad), ...work.others?.(simdgrad), js: work.js?.() };
      for (const [who, contender] of Object.entries(contenders)) {
        if (contender === undefined) continue;
        contender.run();
        expect(work.check(contender.result()), `${work.shape}, ${who}`).toBeUndefined();
      }
      contenders.simdgrad.copy?.run();
      for (const contender of Object.values(contenders)) contender?.dispose?.();
    }
  });
});

describe('the commands that sources and documents cite', () => {
  const root = resolve(import.meta.dirname, '../..');
  const sources = ['assembly', 'src'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)),
  );
  const files = sources.filter((file) => file.endsWith('.ts'));
  const commands = [...files, 'bench/NOTES.md', 'README.md', 'ARCHITECTURE.md'].flatMap((file) => {
    // A comment may end its line within a command.
    const text = readFileSync(join(root, file), 'utf8').replace(/\n\s*(\*|\/\/)?\s*/g, ' ');
    const cited = text.matchAll(
      /npm run bench -- ([a-z]\w*)(?: --shape ([\w.]+))?(?: --sweep ([\w/]+(?::\w+)?=[\w,]+))?/g,
    );
    return [...cited].flatMap(({ index, 0: command, 1: name, 2: shape, 3: sweep }) => {
      const first = { file, command, name: name!, shape, sweep };
      // "…, and --shape 5000x20 with 32": another value of the same constant.
      const also = text
        .slice(index + command.length)
        .match(/^,? and --shape ([\w.]+) (?:--sweep ([\w/:]+=[\w,]+)|with (\d+))/);
      if (also === null) return [first];
      const second = also[2] ?? sweep?.replace(/=.*/, `=${also[3]}`);
      return [first, { ...first, command: `${name}${also[0]}`, shape: also[1], sweep: second }];
    });
  });

  const shapes = new Map<Bench, string[]>(); // a case draws its data before it tells its shape
  function shapesOf(bench: Bench): string[] {
    if (!shapes.has(bench))
      shapes.set(
        bench,
        [...bench.cases, ...bench.more].map((make) => make().shape),
      );
    return shapes.get(bench)!;
  }

  test('are found', () => {
    expect(commands.length).toBeGreaterThan(25);
    expect(commands.filter(({ sweep }) => sweep).length).toBeGreaterThan(20);
  });

  test.each(commands)('$command, in $file', ({ file, name, shape = '', sweep }) => {
    const named = families[name] ?? benches.filter((bench) => bench.name === name);
    expect(named.flatMap(shapesOf).filter(shapesWith(shape))).not.toEqual([]);
    if (sweep === undefined) return;
    const { name: constant, file: declared, values } = sweepOf(sweep.replace(/,$/, ''));
    expect(values).not.toEqual([]);
    // A record in NOTES may name the value that is now ours.
    const [, current] = new RegExp(`const ${constant}\\b[^=]*= (.*);`).exec(
      readFileSync(join(root, declared), 'utf8'),
    )!;
    if (!file.endsWith('.md')) expect(values).not.toContain(current);
  });
});
