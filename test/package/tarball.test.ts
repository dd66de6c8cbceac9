import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import vm from 'node:vm';
import { build, transform } from 'esbuild';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chromium } from '../support/chromium.mjs';
import { Project, root } from './project';

const FIRST_CALL = 'matmul(tensor([[1, 2]]), tensor([[3], [4]])).toArray()';
const other = Number(process.versions.node.split('.')[0]) < 22 ? 24 : 20;
const otherNode = spawnSync('npx', ['-y', `node@${other}`, '--version']).status === 0;

let project: Project;
beforeAll(() => {
  project = new Project();
  project.write(
    'import.mjs',
    `import { tensor, matmul } from 'simdgrad';\nconsole.log(JSON.stringify(${FIRST_CALL}));\n`,
  );
  project.write(
    'require.cjs',
    `const { tensor, matmul } = require('simdgrad');\nconsole.log(JSON.stringify(${FIRST_CALL}));\n`,
  );
});
afterAll(() => project?.remove());

describe.each(['import.mjs', 'require.cjs'])('the packed tarball in a fresh project, by %s', (file) => {
  test('computes on this Node', () => {
    expect(project.run(process.execPath, file)).toBe('[[11]]\n');
  });
  test.skipIf(!otherNode)(`computes on Node ${other}`, () => {
    expect(project.run('npx', '-y', `node@${other}`, file)).toBe('[[11]]\n');
  });
});

test('in Node, both entries have one state, and the names of the modules that bundlers get', () => {
  project.write(
    'both.mjs',
    `import * as main from 'simdgrad';
import * as threads from 'simdgrad/threads';
const names = async (file) => Object.keys(await import('./node_modules/simdgrad/dist/' + file)).sort();
await threads.setThreads(2);
console.log(JSON.stringify({
  threads: main.backendInfo().threads,
  resolved: import.meta.resolve('simdgrad').split('/dist/')[1],
  main: [Object.keys(main).sort(), await names('index.js')],
  other: [Object.keys(threads).sort(), await names('threads/index.js')],
}));
`,
  );
  const { threads, resolved, main, other } = JSON.parse(project.run(process.execPath, 'both.mjs'));
  expect([threads, resolved]).toEqual([2, 'node/index.js']);
  expect(main[0]).toEqual(main[1]);
  expect(other[0]).toEqual(other[1]);
  expect(other[0]).toContain('setThreads');
});

test.each(['simdgrad.threads.min.js', 'worker.js'])(
  '%s needs nothing newer than the oldest engines of README',
  async (file) => {
    const text = readFileSync(join(project.directory, 'node_modules/simdgrad/dist', file), 'utf8');
    const lowered = async (target: string[]): Promise<string> => (await transform(text, { target })).code;
    expect(await lowered(['chrome91', 'firefox90', 'safari16.4'])).toBe(await lowered(['esnext']));
    expect(text).not.toMatch(/\.at\(|\.findLast|structuredClone|\.toSorted|\.withResolvers|Atomics\.(pause|waitAsync)/);
  },
);

describe('bundled by esbuild for the browser', () => {
  let code: string;
  beforeAll(async () => {
    const { outputFiles, warnings } = await build({
      stdin: {
        contents: `import { tensor, matmul } from 'simdgrad';\nresult = JSON.stringify(${FIRST_CALL});`,
        resolveDir: project.directory,
      },
      bundle: true,
      platform: 'browser',
      format: 'iife',
      write: false,
    });
    expect(warnings).toEqual([]);
    code = outputFiles[0]!.text;
  });

  test('computes in a bare realm: the language, WebAssembly and the TextDecoder that the loader makes', () => {
    const context = vm.createContext({ TextDecoder });
    vm.runInContext(code, context);
    expect(context.result).toBe('[[11]]');
  });

  test.skipIf(chromium === undefined)('computes in Chromium', () => {
    const script = `var result;${code}\ndocument.title = 'result ' + result;`;
    project.write('page.html', `<!doctype html><script>${script}</script>`);
    const flags = ['--headless', '--no-sandbox', '--disable-gpu', `--user-data-dir=${project.directory}/profile`];
    const page = project.run(
      chromium!,
      ...flags,
      '--dump-dom',
      pathToFileURL(join(project.directory, 'page.html')).href,
    );
    expect(page).toContain('<title>result [[11]]</title>');
  });
});

test.each([
  ['simdgrad.min.js', '', '1\n'],
  ['simdgrad.threads.min.js', `import { setThreads } from './alone.min.js'; await setThreads(2);`, '2\n'],
])('dist/%s needs nothing beside it', (name, start, threads) => {
  const file = join(project.directory, 'node_modules/simdgrad/dist', name);
  project.write(
    'alone.mjs',
    `import { backendInfo, tensor, matmul } from './alone.min.js';
    ${start}
    console.log(JSON.stringify(${FIRST_CALL}));
    console.log(backendInfo().threads);`,
  );
  project.write('alone.min.js', readFileSync(file, 'utf8'));
  rmSync(join(project.directory, 'package-lock.json'), { force: true });
  expect(project.run(process.execPath, 'alone.mjs')).toBe(`[[11]]\n${threads}`);
  // Where nothing may be assigned to the language's own objects, as under SES, too.
  expect(project.run(process.execPath, '--no-warnings', '--frozen-intrinsics', 'alone.mjs')).toBe(`[[11]]\n${threads}`);
});

describe('a consumer in strict TypeScript', () => {
  const consumer = readFileSync(join(import.meta.dirname, 'fixtures/consumer.ts'), 'utf8');

  test('uses every export', () => {
    const names = exportsOf(join(root, 'dist/index.d.ts'));
    expect(names.length).toBeGreaterThan(60);
    const imported = new Set(consumer.slice(0, consumer.indexOf("} from 'simdgrad'")).match(/\w+/g));
    expect(names.filter((name) => !imported.has(name))).toEqual([]);
    const threads = consumer.slice(0, consumer.indexOf("} from 'simdgrad/threads'")).match(/\w+/g);
    const missing = exportsOf(join(root, 'dist/threads/index.d.ts')).filter((name) => !threads?.includes(name));
    expect(missing).toEqual([]);
  });

  test.each([
    ['NodeNext', 'NodeNext', ['ES2022', 'DOM'], []],
    ['ESNext', 'Bundler', ['ES2022', 'DOM'], []],
    ['NodeNext', 'NodeNext', ['ES2023'], ['node']],
    ['NodeNext', 'NodeNext', ['ESNext', 'DOM'], []],
  ])(
    'compiles with module %s, moduleResolution %s, lib %j, declarations checked too, and runs',
    (module, moduleResolution, lib, types) => {
      project.write('consumer.mts', consumer);
      const compilerOptions = {
        strict: true,
        exactOptionalPropertyTypes: true,
        noUncheckedIndexedAccess: true,
        skipLibCheck: false,
        target: 'ES2022',
        lib,
        types,
        typeRoots: [join(root, 'node_modules/@types')],
        module,
        moduleResolution,
        outDir: 'out',
        declaration: true,
      };
      project.write('tsconfig.json', JSON.stringify({ compilerOptions, files: ['consumer.mts'] }));
      const { status, stdout } = spawnSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc')], {
        cwd: project.directory,
        encoding: 'utf8',
      });
      expect(stdout).toBe('');
      expect(status).toBe(0);
      expect(project.run(process.execPath, 'out/consumer.mjs')).toMatch(/^baseline \d/);
    },
  );
});

test('the tarball holds dist/, documents and the entry for tools without exports, nothing else', () => {
  const files = readdirSync(join(project.directory, 'node_modules/simdgrad'));
  expect(files.sort()).toEqual([
    'ARCHITECTURE.md',
    'CHANGELOG.md',
    'LICENSE',
    'README.md',
    'dist',
    'package.json',
    'threads',
  ]);
  const manifest = JSON.parse(readFileSync(join(project.directory, 'node_modules/simdgrad/package.json'), 'utf8'));
  for (const hook of ['preinstall', 'install', 'postinstall']) expect(manifest.scripts).not.toHaveProperty(hook);
});

test('no module of the package evaluates text as code', () => {
  const dist = join(root, 'dist');
  const modules = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.js'));
  expect(modules.length).toBeGreaterThan(20);
  const guilty = modules.filter((name) => /\beval\(|\bFunction\(/.test(readFileSync(join(dist, name), 'utf8')));
  expect(guilty).toEqual([]);
});

function exportsOf(file: string): string[] {
  const program = ts.createProgram([file], { module: ts.ModuleKind.NodeNext, skipLibCheck: true });
  const checker = program.getTypeChecker();
  const module = checker.getSymbolAtLocation(program.getSourceFile(file)!);
  return checker.getExportsOfModule(module!).map((symbol) => symbol.name);
}
