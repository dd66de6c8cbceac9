import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Case } from './contender';
import { asc, isNewer, root } from './paths';

interface RoofExports {
  roof_fma(n: number, x: number, y: number): number;
  roof_mul_add(n: number, x: number, y: number): number;
  roof_fma_busy(n: number, x: number, y: number, p: number, q: number): number;
  roof_mul_add_busy(n: number, x: number, y: number, p: number, q: number): number;
  roof_copy(dst: number, src: number, byteLength: number): void;
  roof_read(src: number, byteLength: number): number;
}

/** What the machine can do at best on the work of a case; see roof/roof.ts. */
export class Roof {
  readonly #memory = new WebAssembly.Memory({ initial: 16, maximum: 65535 });
  readonly #wasm: RoofExports;
  readonly #relaxed: boolean;

  constructor(simd: 'baseline' | 'relaxed') {
    const module = new WebAssembly.Module(compile(simd));
    this.#relaxed = simd === 'relaxed';
    this.#wasm = new WebAssembly.Instance(module, { env: { memory: this.#memory } }).exports as unknown as RoofExports;
  }

  /** A contender that does as much as one run of the case, or a known part of it. */
  of(work: Pick<Case, 'flop' | 'bytes' | 'reads'>): { run(): unknown; part: number } | undefined {
    if (work.flop !== undefined) return this.#multiplyAdd(work.flop);
    if (work.bytes !== undefined) return this.#copy(work.bytes);
    if (work.reads !== undefined) return this.#read(work.reads);
    return undefined;
  }

  /** The multiply-add loop with as many other instructions beside it as a register tile has; see roof/roof.ts. */
  busy(flop: number): { run(): unknown; part: number } {
    const wasm = this.#wasm;
    const run = this.#relaxed
      ? () => wasm.roof_fma_busy(500, 0, 1, 3, 5)
      : () => wasm.roof_mul_add_busy(500, 0, 1, 3, 5);
    return { run, part: this.#multiplyAdd(flop).part };
  }

  #multiplyAdd(flop: number) {
    const n = 500;
    const done = n * 4 * (this.#relaxed ? 12 * 8 : 6 * 8);
    const wasm = this.#wasm;
    const run = this.#relaxed ? () => wasm.roof_fma(n, 0, 1) : () => wasm.roof_mul_add(n, 0, 1);
    return { run, part: done / flop };
  }

  /** A copy of half the bytes reads and writes as many as asked. */
  #copy(bytes: number) {
    const byteLength = Math.max(16, Math.round(bytes / 2));
    const src = 64 * Math.ceil(byteLength / 64);
    this.#reserve(2 * byteLength + 128);
    const wasm = this.#wasm;
    return { run: () => wasm.roof_copy(0, src, byteLength), part: (2 * byteLength) / bytes };
  }

  #read({ bytes, of }: { bytes: number; of: number }) {
    const byteLength = 128 * Math.ceil(bytes / 128);
    const all = Math.max(byteLength, of);
    this.#reserve(all);
    const wasm = this.#wasm;
    let at = 0;
    const run = () => {
      if (at + byteLength > all) at = 0;
      const result = wasm.roof_read(at, byteLength);
      at += byteLength;
      return result;
    };
    return { run, part: byteLength / bytes };
  }

  #reserve(byteLength: number) {
    const missing = byteLength - this.#memory.buffer.byteLength;
    if (missing <= 0) return;
    this.#memory.grow(Math.ceil(missing / 65536));
    // Pages that nothing was written to are all the same page of zeros, and reading them costs nothing.
    new Uint8Array(this.#memory.buffer).fill(1);
  }
}

/** The module of roof/roof.ts. */
export function compile(simd: 'baseline' | 'relaxed'): Uint8Array<ArrayBuffer> {
  const source = join(root, 'bench/roof/roof.ts');
  const output = join(root, `build/bench/roof.${simd}.wasm`);
  if (isNewer(source, output)) {
    mkdirSync(join(root, 'build/bench'), { recursive: true });
    const features = simd === 'relaxed' ? ['--enable', 'simd', '--enable', 'relaxed-simd'] : ['--enable', 'simd'];
    const flags = ['-O3', '--runtime', 'stub', '--noAssert', '--importMemory', '--initialMemory', '1'];
    // Not in the root, where asc would add what asconfig.json says of the kernels.
    const cwd = join(root, 'bench/roof');
    execFileSync(process.execPath, [asc, source, '-o', output, ...flags, ...features], { cwd, stdio: 'inherit' });
  }
  return readFileSync(output);
}
