import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Simd } from '../../src/wasm/simd';
import { OURS, PLAIN } from './names';
import { root } from './paths';
import { PEERS, type PeerRow } from './peers-compare';
import { median, spread } from './timing';

const RUNS = 5;

/** As the tables call those whose file has another name. */
const NAMES: Record<string, string> = { tfjs: 'tfjs wasm', onnxruntime: 'ort-web', jax: 'jax-js' };

/** How long a process takes to its first product of 64×64, and that product to its final speed. */
export function startTimes(simd: Simd | undefined): PeerRow[] {
  const names = [OURS, PLAIN, ...PEERS.filter((name) => name !== 'brain' && name !== 'numpy')];
  const runs = new Map(names.map((name): [string, { first: number; final: number; calls: number }[]] => [name, []]));
  const failures = new Map<string, string>();
  for (let run = 0; run < RUNS; run++) {
    for (const name of names) {
      if (failures.has(name)) continue;
      const args = [join(root, 'bench/peers/first.mjs'), name, ...(simd ? [simd] : [])];
      const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8' });
      if (status === 0) runs.get(name)!.push(JSON.parse(stdout));
      else failures.set(name, `not run: ${/^\w*Error.{0,160}/m.exec(stderr)?.[0] ?? `exit code ${status}`}`);
    }
  }
  return names.flatMap((name): PeerRow[] => {
    const contender = NAMES[name] ?? name;
    const note = failures.get(name);
    if (note) return [{ operation: 'start', shape: 'process to first 64³', contender, note }];
    const list = runs.get(name)!;
    const row = (shape: string, times: number[], note?: string): PeerRow => ({
      operation: 'start',
      shape,
      contender,
      // No time at all is not a figure: the note says what it means.
      ...(median(times) > 0 && { median: median(times), spread: spread(times) }),
      ...(note && { note }),
    });
    const calls = median(list.map(({ calls }) => calls));
    return [
      row(
        'process to first 64³',
        list.map(({ first }) => first / 1000),
      ),
      row(
        '64³ to final speed',
        list.map(({ final }) => final / 1000),
        calls > 0 ? `${calls} calls` : 'from the second call on',
      ),
    ];
  });
}
