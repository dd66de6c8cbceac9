import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { families } from '../bench/index';
import * as sg from '../src/index';

/** What a change may forget without anything turning red: the places that lists of names keep. */

const root = resolve(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const filesIn = (folder: string, end: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith(end));

describe('a kernel, its reference, its test and its benchmark share one name', () => {
  /** One of several ways to the same result: what has the others of `gemm`. */
  const shared = ['gemm/gemv', 'gemm/gemm_tiny', 'gemm/blocking'];
  const inner = ['math/log64', 'variant'];
  const kernels = [...read('assembly/index.ts').matchAll(/ from '\.\/([^']+)'/g)].map(([, path]) => path!);

  test.each(kernels.filter((path) => ![...shared, ...inner].includes(path)))('%s', (path) => {
    const files = [`test/reference/${basename(path)}.ts`, `test/${path}.test.ts`, `bench/${path}.bench.ts`];
    expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });
});

test('every bench is named in bench/index.ts, once', () => {
  const index = read('bench/index.ts');
  const files = filesIn('bench', '.bench.ts').filter((path) => !path.includes('node_modules'));
  expect(files.filter((path) => !index.includes(`'./${path.replace(/\.ts$/, '')}'`))).toEqual([]);
  expect(Object.values(families).flat()).toHaveLength(files.length);
});

test('every function on tensors is compared on several threads', () => {
  const functions = read('src/index.ts')
    .match(/\{[^}]+\} from '\.\/ops\/[^']+'/g)!
    .flatMap((line) => line.slice(1, line.indexOf('}')).split(','))
    .map((name) => name.trim())
    .filter((name) => typeof (sg as Record<string, unknown>)[name] === 'function');
  const alone = ['accuracy', 'sgemm']; // counts; test/threads/sgemm.test.ts
  const text = read('test/threads/bits.test.ts');
  const used = new Set(text.slice(text.indexOf('const ops')).match(/\w+(?=\()/g));
  expect(functions.filter((name) => !used.has(name) && !alone.includes(name))).toEqual([]);
});

test('every folder of kernel tests is one that browsers run', () => {
  const [, folders] = /'test\/\{([^}]+)\}\/\*\*\/\*\.test\.ts'/.exec(read('vitest.config.ts'))!;
  const kernels = [...read('assembly/index.ts').matchAll(/ from '\.\/([^']+)\/\w+'/g)].map(([, path]) => path!);
  const sources = filesIn('src', '.ts').map((path) => dirname(path));
  const inNode = ['.', 'threads', 'wasm']; // workers and files of Node
  const all = new Set([...kernels, ...sources.filter((path) => !path.includes('/'))]);
  expect([...all].filter((name) => !folders!.split(',').includes(name) && !inNode.includes(name))).toEqual([]);
});

test('an error says the name of its class', () => {
  const errors = Object.entries(sg).filter(([name]) => name.endsWith('Error')) as [string, new (m: string) => Error][];
  expect(errors).toHaveLength(8);
  for (const [name, Class] of errors) expect(new Class('what').name).toBe(name);
});
