import { type ParseArgsConfig, parseArgs } from 'node:util';
import type { Simd } from '../../src/wasm/simd';

/** One line for the user, and the exit code of a usage error. */
export function fail(line: string): never {
  console.error(`${line}; --help tells what there is`);
  process.exit(2);
}

type Parsed<O extends ParseArgsConfig['options']> = ReturnType<
  typeof parseArgs<{ options: O & { help: { type: 'boolean' } }; allowPositionals: true }>
>;

/** The arguments of a program of this folder, with names only where it takes some. --help prints `usage` and ends it. */
export function readArguments<const O extends NonNullable<ParseArgsConfig['options']>>(
  usage: string,
  options: O,
  { names = false } = {},
): Parsed<O> {
  const parsed = parse(options, names);
  const { help } = parsed.values as { help?: boolean };
  if (!help) return parsed;
  console.log(usage);
  process.exit(0);
}

function parse<O extends NonNullable<ParseArgsConfig['options']>>(options: O, names: boolean): Parsed<O> {
  try {
    const all = { ...options, help: { type: 'boolean' } } as const;
    return parseArgs({ options: all, allowPositionals: names }) as unknown as Parsed<O>;
  } catch (error) {
    // Node explains at length how such a word could be a name.
    return fail((error as Error).message.split(/\. |\n/)[0]!);
  }
}

/** A whole number of at least 1. */
export function countOf(option: string, value: string): number {
  const count = Number(value);
  if (!(Number.isSafeInteger(count) && count >= 1)) fail(`${option} ${value}: not a whole number from 1 on`);
  return count;
}

export function simdOf(value: string | undefined): Simd | undefined {
  if (value === undefined || value === 'baseline' || value === 'relaxed') return value;
  return fail(`--simd ${value}: neither baseline nor relaxed`);
}

/** Whether a shape contains this text, no part of a number, with x for ×. All do that contain nothing. */
export function shapesWith(text: string): (shape: string) => boolean {
  if (text === '') return () => true;
  const escaped = text.replace(/(?<=\d)x(?=\d)/g, '×').replace(/[^\w ×]/g, '\\$&');
  const wanted = new RegExp(`(?<!\\d)${escaped}(?!\\d)`);
  return (shape) => wanted.test(shape);
}
