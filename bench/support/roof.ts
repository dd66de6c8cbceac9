import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Simd } from '../../src/wasm/simd';
import type { Case, Contender } from './contender';
import { asc, isNewer, root } from './paths';

type Loop = (turns: number, x: number, y: number, p?: number, q?: number) => number;

interface RoofExports extends Record<string, unknown> {
  roof_copy(dst: number, src: number, byteLength: number): void;
  roof_read(src: number, byteLength: number): number;
}

/** A loop of multiplications and additions of roof/roof.ts, which with `_busy` is the one beside integer instructions. */
interface MultiplyAdd {
  name: string;
  /** Float operations of a turn. */
  flop: number;
}

/** Which of them is the fastest without fused multiply-add, and by 40 %, is a matter of the processor and of the engine. */
const LOOPS: Record<Simd, MultiplyAdd[]> = {
  relaxed: [{ name: 'roof_fma', flop: 4 * 12 * 8 }],
  baseline: [
    { name: 'roof_apart', flop: 4 * 6 * 8 },
    { name: 'roof_pairs_of_5', flop: 6 * 8 },
    { name: 'roof_pairs_of_6', flop: 12 * 8 },
  ],
};
/** Float operations of one run: a few µs. */
const RUN = 192_000;

/** What the machine can do at best on the work of a case; see roof/roof.ts. */
export class Roof {
  readonly #memory = new WebAssembly.Memory({ initial: 16, maximum: 65535 });
  readonly #wasm: RoofExports;
  readonly #loop: MultiplyAdd;

  constructor(simd: Simd) {
    const module = new WebAssembly.Module(compile(simd));
    this.#wasm = new WebAssembly.Instance(module, { env: { memory: this.#memory } }).exports as RoofExports;
    this.#loop = fastest(simd, this.#wasm);
    this.#touch();
  }

  /**
   * A contender that does as much as one run of the case, or a known part of it. A copy is that of a contender where it
   * has one: a 25 % difference between the pages of one array and another's is no rarity.
   */
  of(
    work: Pick<Case, 'flop' | 'bytes' | 'reads'>,
    copy?: Contender['copy'],
  ): { run(): unknown; part: number } | undefined {
    if (work.flop !== undefined) return this.#multiplyAdd(work.flop);
    if (work.bytes !== undefined)
      return copy ? { run: copy.run, part: copy.bytes / work.bytes } : this.#copy(work.bytes);
    if (work.reads !== undefined) return this.#read(work.reads);
    return undefined;
  }

  /** The multiply-add loop with as many other instructions beside it as a register tile has; see roof/roof.ts. */
  busy(flop: number): { run(): unknown; part: number } {
    return this.#multiplyAdd(flop, '_busy');
  }

  #multiplyAdd(flop: number, kind = '') {
    const turns = RUN / this.#loop.flop;
    const loop = this.#wasm[this.#loop.name + kind] as Loop;
    return { run: () => loop(turns, 0, 1, 3, 5), part: RUN / flop };
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
    this.#touch();
  }

  /** Pages that nothing was written to are all the same page of zeros, and reading them costs nothing. */
  #touch() {
    new Uint8Array(this.#memory.buffer).fill(1);
  }
}

/** The loop to measure by, when each has had time for its last tier. */
export function fastest(simd: Simd, exports: Record<string, unknown>): MultiplyAdd {
  const rates = LOOPS[simd].map(({ name, flop }) => {
    const loop = exports[name] as Loop;
    let best = Infinity;
    for (const end = performance.now() + 50; performance.now() < end; ) {
      const start = performance.now();
      loop(RUN / flop, 0, 1);
      best = Math.min(best, performance.now() - start);
    }
    return 1 / best;
  });
  return LOOPS[simd][rates.indexOf(Math.max(...rates))]!;
}

/** The module of roof/roof.ts. */
export function compile(simd: Simd): Uint8Array<ArrayBuffer> {
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
