import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { buildSync } from 'esbuild';
import { EVERYTHING, OURS } from './names';
import { root } from './paths';
import type { PeerRow } from './peers-compare';

interface Shipped {
  name: string;
  /** What somebody writes who multiplies matrices and trains a small network, or all there is. */
  source: string;
  /** Files that the browser fetches beside the bundle. */
  files?: string[];
}

const MODULES = 'bench/peers/node_modules';
const SHIPPED: Shipped[] = [
  {
    name: OURS,
    source: `import { matmul, tensor, Affine, ReLU, Sequential, SGD, SoftmaxWithLoss } from './dist/index.js';
      console.log(matmul, tensor, Affine, ReLU, Sequential, SGD, SoftmaxWithLoss);`,
  },
  // What scripts/size.mjs holds under its limit.
  { name: EVERYTHING, source: `export * from './dist/index.js';` },
  {
    name: 'tfjs wasm',
    source: `import * as tf from '@tensorflow/tfjs-core'; import '@tensorflow/tfjs-backend-wasm';
      import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
      console.log(tf.matMul, tf.tensor, tf.variable, tf.relu, tf.train, tf.losses, tf.setBackend, tf.ready);`,
    files: ['@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm'],
  },
  {
    name: 'ort-web',
    source: `import { InferenceSession, Tensor } from 'onnxruntime-web/wasm'; console.log(InferenceSession, Tensor);`,
    files: ['onnxruntime-web/dist/ort-wasm-simd-threaded.wasm'],
  },
  {
    name: 'jax-js',
    source: `import { init, jit, valueAndGrad, numpy, nn } from '@jax-js/jax';
      console.log(init, jit, valueAndGrad, numpy.matmul, numpy.array, nn.relu, nn.logSoftmax);`,
  },
  {
    name: 'numpy-ts',
    source: `import { array, matmul, maximum, exp, sum, multiply, subtract } from 'numpy-ts/core';
      console.log(array, matmul, maximum, exp, sum, multiply, subtract);`,
  },
  { name: 'ml-matrix', source: `import { Matrix } from 'ml-matrix'; console.log(Matrix);` },
];

/** gzip bytes that a browser downloads: the bundle of esbuild, minified, and the files it fetches. */
export function shippedBytes(): PeerRow[] {
  return SHIPPED.map((shipped) => ({
    operation: 'download',
    shape: 'gzip bytes',
    contender: shipped.name,
    note: String(sizeOf(shipped)),
    imports: importsOf(shipped),
  }));
}

/** What the bundle must hold, since it prints it. */
function importsOf({ source }: Shipped): string {
  return /console\.log\((.*)\)/.exec(source)?.[1] ?? 'all exports';
}

function sizeOf({ name, source, files = [] }: Shipped): number {
  const { outputFiles } = buildSync({
    stdin: { contents: source, resolveDir: join(root, name.startsWith(OURS) ? '.' : 'bench/peers') },
    bundle: true,
    minify: true,
    write: false,
    platform: 'browser',
    format: 'esm',
    logLevel: 'error',
    external: ['node:*', 'fs', 'path', 'url', 'os', 'util', 'crypto', 'worker_threads', 'perf_hooks', 'module'],
  });
  const fetched = files.map((file) => readFileSync(join(root, MODULES, file)));
  return [outputFiles[0]!.contents, ...fetched].reduce(
    (sum, content) => sum + gzipSync(content, { level: 9 }).length,
    0,
  );
}
