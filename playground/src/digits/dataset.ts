import { Random, type Tensor, take, tensor } from 'simdgrad';
import { PIXELS } from './grid.js';

const TEST_COUNT = 1000;
/** Which digits are held back for the test is the same on every visit. */
const SPLIT_SEED = 1;

export interface Digits {
  /** [N, 784], 0 … 1 */
  images: Tensor;
  labels: Uint8Array;
}

export interface Dataset {
  train: Digits;
  test: Digits;
}

export async function fetchDigits(url: string): Promise<Uint8Array> {
  const response = await fetch(url);
  if (!response.ok || response.body === null) throw new Error(`${url}: ${response.status} ${response.statusText}`);
  const stream = response.body.pipeThrough(new DecompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Labels and pixels as plugins/digits.ts laid them out, in a random order, divided into train and test. */
export function split(bytes: Uint8Array): Dataset {
  const total = bytes.length / (PIXELS + 1);
  if (!Number.isInteger(total) || total <= TEST_COUNT) {
    throw new Error(`the file of digits has ${bytes.length} bytes, which is no whole number of digits`);
  }
  const labels = bytes.subarray(0, total);
  const order = new Random(SPLIT_SEED).permutation(total);
  const pixels = Float32Array.from(bytes.subarray(total), (value) => value / 255);
  const all = tensor(pixels, [total, PIXELS]);
  const select = (indices: Int32Array) => ({
    images: take(all, indices),
    labels: Uint8Array.from(indices, (i) => labels[i]!),
  });
  const dataset = { train: select(order.subarray(TEST_COUNT)), test: select(order.subarray(0, TEST_COUNT)) };
  all.dispose();
  return dataset;
}
