import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import vm from 'node:vm';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withFigures } from '../../bench/support/readme';
import { readAllResults } from '../../bench/support/results-file';
import { blocks, read, root } from './blocks';

// A directory elsewhere in which 'simdgrad' is the package that was built here.
let scratch: string;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'simdgrad-docs-'));
  mkdirSync(join(scratch, 'node_modules'));
  symlinkSync(root, join(scratch, 'node_modules/simdgrad'));
  write('package.json', '{ "type": "module" }');
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

function write(name: string, code: string): string {
  const path = join(scratch, name);
  writeFileSync(path, code);
  return path;
}

/** Into the directory `out`. @returns what the compiler has to say */
function compile(...files: string[]): string {
  const flags = '--strict --noEmitOnError --target es2022 --module nodenext --lib es2023,esnext.disposable,dom';
  const args = [join(root, 'node_modules/typescript/bin/tsc'), ...files, ...flags.split(' '), '--outDir', 'out'];
  return spawnSync(process.execPath, args, { encoding: 'utf8', cwd: scratch }).stdout;
}

describe('README', () => {
  const [node, page, saving] = blocks('README.md').filter(({ language }) => language === 'js');
  const [output] = blocks('README.md').filter(({ language }) => language === 'text');

  test('the quick start for Node prints what it says', () => {
    const file = write('learn.mjs', node!.code);
    expect(execFileSync(process.execPath, [file], { encoding: 'utf8' })).toBe(output!.code);
  });

  test('the quick start for a browser runs when it is bundled', async () => {
    const { outputFiles, warnings } = await build({
      stdin: { contents: page!.code, resolveDir: scratch },
      bundle: true,
      platform: 'browser',
      format: 'iife',
      write: false,
    });
    expect(warnings).toEqual([]);
    const document = { body: { textContent: '' } };
    vm.runInNewContext(outputFiles[0]!.text, { document, TextDecoder });
    expect(document.body.textContent).toMatch(/^loss 0\.[01]\d$/);
  });

  test('a network that was saved and loaded is the same', () => {
    const [save, load] = saving!.code.split('\n\n');
    const code = `${node!.code}
const before = net.predict(x).toTypedArray();
${save}
for (const { value } of net.parameters()) value.set(new Float32Array(value.size));
const zero = net.predict(x).toTypedArray();
${load}
console.log(before.join() === net.predict(x).toTypedArray().join(), before.join() === zero.join());`;
    const lines = execFileSync(process.execPath, [write('save.mjs', code)], { encoding: 'utf8' });
    expect(lines).toBe(`${output!.code}true false\n`);
  });

  test('the quick starts compile in strict TypeScript', () => {
    expect(compile(write('node.ts', node!.code), write('page.ts', page!.code))).toBe('');
  });

  test('the quick starts are about ten lines', () => {
    for (const { code } of [node!, page!]) {
      expect(code.split('\n').filter((line) => line !== '' && !line.startsWith('import')).length).toBeLessThan(14);
    }
  });

  test('the table of figures is what bench/results/ says', () => {
    const text = read('README.md');
    expect(text).toBe(withFigures(text, readAllResults()));
  });

  describe('the names in backticks and the exports agree', () => {
    const isError = (name: string) => name.endsWith('Error');
    const text = read('README.md');

    /** What begins with a name, `add(a, b)`, or is a list of them, `add sub mul`; not `{ axis }` or `t.item()`. */
    function namesIn(section: string): string[] {
      const lines = text.split('\n## ').find((part) => part.startsWith(`${section}\n`))!;
      const table = lines.match(/^\|.*\|$/gm)?.join('\n');
      const spans = (table ?? lines).split('`').filter((_, i) => i % 2 === 1);
      const names = spans.map((span) => /^(?:new )?([\w ]+)(?:\(.*\))?$/.exec(span)?.[1] ?? '');
      return [...new Set(names.flatMap((list) => list.split(' ').filter(Boolean)))].sort();
    }

    async function exported(): Promise<string[]> {
      const files = ['index.js', 'threads/index.js'].map((file) => import(join(root, 'dist', file)));
      return (await Promise.all(files)).flatMap((module) => Object.keys(module));
    }

    test('in the table of the API', async () => {
      const elsewhere = ['Float32Array'];
      const methods = ['normal', 'uniform', 'permutation', 'forward', 'backward', 'predict', 'parameters', 'share'];
      const unmentioned = ['Tensor']; // its methods are there
      const expected = (await exported()).filter((name) => !isError(name) && !unmentioned.includes(name));
      expect(namesIn('The API')).toEqual([...elsewhere, ...methods, ...expected].sort());
    });

    test('under Errors', async () => {
      const ofTheLanguage = ['TypeError', 'RangeError'];
      const expected = [...ofTheLanguage, ...(await exported()).filter(isError)];
      expect(namesIn('Errors').filter(isError)).toEqual(expected.sort());
    });
  });
});

describe('ARCHITECTURE', () => {
  const code = blocks('ARCHITECTURE.md').filter(({ language }) => language === 'ts');
  const output = blocks('ARCHITECTURE.md').filter(({ language }) => language === 'text');

  test('the layer of a user compiles in strict TypeScript, works in a network, and its gradients are right', () => {
    const memory = `import { backendInfo } from 'simdgrad';
const layer = scale(3);
const live = (): number => (layer.forward([[1, 2, 3]]), backendInfo().memory.live);
const before = live();
for (let i = 0; i < 100; i++) live();
console.log(live() - before);
const momentum = new Momentum(layer.parameters(), 0.5);
const at: string[] = [];
for (let i = 0; i < 3; i++) {
  tidy(() => {
    layer.forward([[1, 1, 1]]);
    layer.backward([[1, 1, 1]]);
    momentum.step();
  });
  at.push(layer.g.value.data[0]!.toFixed(3));
}
console.log(at.join());`;
    const file = write('layer.ts', [...code.map((block) => block.code), memory].join('\n'));
    expect(compile(file)).toBe('');
    const printed = execFileSync(process.execPath, [join(scratch, 'out/layer.js')], { encoding: 'utf8' });
    expect(printed).toBe(`${output[1]!.code}0\n0.500,-0.450,-1.805\n`);
  });
});

describe.each(['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md'])('%s', (document) => {
  const text = read(document);

  test('the files it names exist', () => {
    const named = [...text.matchAll(/`((?:assembly|src|test|scripts|bench|examples|\.ci)\/[^`\s…]*)`/g)]
      .map(([, path]) => path!)
      .filter((path) => !/NAME|FAMILY|generated/.test(path));
    expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  test('the npm scripts it names exist', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const named = [...text.matchAll(/npm run ([\w:]+)|npm (start|test)\b/g)].map(([, run, short]) => run ?? short!);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });
});

const linking = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'bench/NOTES.md'];

test.each(linking)('the links of %s lead to files, and to headings in them', (document) => {
  const links = [...read(document).matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(([, link]) => link!);
  const dead = links.filter((link) => {
    const [path, anchor] = link.split('#');
    const target = path === '' ? document : join(dirname(document), path!);
    return !existsSync(join(root, target)) || (anchor !== undefined && !anchorsOf(target).includes(anchor));
  });
  expect(dead).toEqual([]);
});

/** What GitHub makes of the headings of a document. */
function anchorsOf(document: string): string[] {
  return [...read(document).matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N} -]/gu, '')
      .replaceAll(' ', '-'),
  );
}
