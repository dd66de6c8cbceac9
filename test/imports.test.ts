import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

/** What imports what in a folder of sources, types included, by paths from there. */
function importsIn(folder: string): Map<string, string[]> {
  const root = resolve(import.meta.dirname, '..', folder);
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  return new Map(
    files.map((file) => {
      const imports = readFileSync(join(root, file), 'utf8').matchAll(/ from '(\.[^']+?)(?:\.js)?';/g);
      return [file, [...imports].map(([, path]) => relative(root, resolve(root, dirname(file), `${path}.ts`)))];
    }),
  );
}

/** The files of a cycle, in order; none where there is no cycle. */
function cycleIn(imports: Map<string, string[]>): string[] {
  const done = new Set<string>();
  const visit = (file: string, path: string[]): string[] => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return [];
    for (const next of imports.get(file) ?? []) {
      const cycle = visit(next, [...path, file]);
      if (cycle.length > 0) return cycle;
    }
    done.add(file);
    return [];
  };
  for (const file of imports.keys()) {
    const cycle = visit(file, []);
    if (cycle.length > 0) return cycle;
  }
  return [];
}

test('a cycle is found', () => {
  const imports = new Map(Object.entries({ a: ['b'], b: ['c', 'd'], c: [], d: ['b'] }));
  expect(cycleIn(imports)).toEqual(['b', 'd', 'b']);
});

test.each([
  ['src', 60],
  ['assembly', 30],
])('%s has no import cycles', (folder, least) => {
  const imports = importsIn(folder);
  expect(imports.size).toBeGreaterThan(least);
  expect(cycleIn(imports)).toEqual([]);
});

test('imports go down: train, optim → layers → ops → tensor → engine → wasm, and threads → engine, wasm', () => {
  const allowed: Record<string, string[]> = {
    wasm: [],
    engine: ['wasm'],
    tensor: ['engine', 'wasm'],
    ops: ['tensor', 'engine', 'wasm'],
    layers: ['ops', 'tensor', 'engine', 'wasm'],
    optim: ['layers', 'ops', 'tensor', 'engine', 'wasm'],
    train: ['layers', 'ops', 'tensor', 'engine', 'wasm'],
    threads: ['engine', 'wasm'],
  };
  const wrong: string[] = [];
  const all = importsIn('src');
  for (const [file, imports] of all) {
    const from = file.split(/[\\/]/)[0]!;
    for (const path of imports) {
      const to = path.split(/[\\/]/)[0]!;
      if (all.has(path) && from in allowed && to !== from && !allowed[from]!.includes(to))
        wrong.push(`${file} → ${path}`);
    }
  }
  expect(wrong).toEqual([]);
});
