import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** @returns {Promise<import('../support/peer').Peer>} NumPy in a process of its own, which times itself: what native code with wider vectors makes of the same machine. */
export default async function numpy() {
  const one = { OPENBLAS_NUM_THREADS: '1', MKL_NUM_THREADS: '1', OMP_NUM_THREADS: '1', VECLIB_MAXIMUM_THREADS: '1' };
  const child = spawn('python3', [fileURLToPath(new URL('native.py', import.meta.url))], {
    env: { ...process.env, ...one },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const failed = new Promise((_, reject) => {
    child.on('error', () => reject(new Error('not on this machine: no python3')));
    child.on('exit', () => reject(new Error('not on this machine: python3 has no numpy')));
  });
  failed.catch(() => {});
  child.stdin.on('error', () => {});
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async (request) => {
    child.stdin.write(`${JSON.stringify(request)}\n`);
    const { value } = await Promise.race([lines.next(), failed]);
    if (value === undefined) await failed;
    return JSON.parse(value);
  };

  const folder = mkdtempSync(join(tmpdir(), 'simdgrad-bench-'));
  let files = 0;
  const file = (data) => {
    const path = join(folder, `${files++}.f32`);
    writeFileSync(path, data);
    return path;
  };
  const make = async (name, args) => {
    await ask({ make: name, arguments: args });
    const path = join(folder, 'result.f32');
    return {
      time: (count) => ask({ run: count }),
      async result() {
        await ask({ result: path });
        return new Float32Array(new Uint8Array(readFileSync(path)).buffer);
      },
    };
  };
  const close = () => {
    child.stdin.end();
    rmSync(folder, { recursive: true, force: true });
  };

  let about;
  try {
    about = await ask({});
  } catch (error) {
    close();
    throw error;
  }
  return {
    name: 'NumPy (native)',
    version: `${about.version}, ${about.blas}`,
    evaluation: 'another process, which times itself; results into given arrays',
    matmul: ({ m, n, k, a, b, transposeA = false, transposeB = false }) =>
      make('matmul', {
        a: file(a),
        b: file(b),
        a_shape: transposeA ? [k, m] : [m, k],
        b_shape: transposeB ? [n, k] : [k, n],
        transpose_a: transposeA,
        transpose_b: transposeB,
      }),
    unary: (name, x) => make('unary', { name, x: file(x), n: x.length }),
    softmax: (x, rows, cols) => make('softmax', { x: file(x), shape: [rows, cols] }),
    softmaxLoss: ({ x, labels, cols }) =>
      make('softmax_loss', { x: file(x), shape: [labels.length, cols], labels: Array.from(labels) }),
    steps: {
      'by hand': ({ sizes, batch, x, labels, weights, biases, learningRate }) =>
        make('step', {
          sizes,
          batch,
          x: file(x),
          labels: Array.from(labels),
          weights: weights.map(file),
          biases: biases.map(file),
          rate: learningRate,
        }),
    },
    close,
  };
}
