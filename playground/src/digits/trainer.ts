import {
  Affine,
  accuracy,
  crossEntropy,
  type Layer,
  Random,
  ReLU,
  Sequential,
  SGD,
  Sigmoid,
  SoftmaxWithLoss,
  softmax,
  type Tensor,
  take,
  tensor,
  tidy,
  zeros,
} from 'simdgrad';
import type { Dataset, Digits } from './dataset.js';
import { CLASSES, PIXELS } from './grid.js';
import type { Evaluation, Point, Settings } from './messages.js';

const SEED = 7;
/**
 * Standard deviation of the first layer's weights at the start: small, so that their pictures soon show what was learned
 * instead of where it began. It learns as well as with the usual √(2 / 784).
 */
const FIRST_LAYER = 0.01;
/** Training digits that an evaluation looks at; all of them would take longer than the step it interrupts. */
const SAMPLE = 1000;

/** A network and its training by mini-batches, one step at a time. The steps allocate nothing. */
export class Trainer {
  readonly #data: Dataset;
  readonly #seen: Digits;
  readonly #rng = new Random(SEED);
  readonly #first: Affine;
  readonly #network: Sequential;
  readonly #criterion = new SoftmaxWithLoss();
  readonly #optimizer: SGD;
  readonly #sizes: number[];
  #order: Int32Array;
  #at = 0;
  #x: Tensor;
  #t: Uint8Array;
  steps = 0;
  examples = 0;
  /** Of the last step. */
  loss = Number.NaN;

  constructor(data: Dataset, settings: Settings) {
    const { neurons, depth, activation, learningRate, batch } = settings;
    this.#data = data;
    const size = Math.min(SAMPLE, data.train.labels.length);
    this.#seen = {
      images: take(
        data.train.images,
        Array.from({ length: size }, (_, i) => i),
      ),
      labels: data.train.labels.subarray(0, size),
    };
    this.#sizes = [PIXELS, ...new Array<number>(depth).fill(neurons), CLASSES];
    const init = activation === 'relu' ? 'he' : 'xavier';
    const affines = this.#sizes
      .slice(1)
      .map((out, i) => Affine.init(this.#sizes[i]!, out, { rng: this.#rng, init: i === 0 ? FIRST_LAYER : init }));
    this.#first = affines[0]!;
    this.#network = new Sequential(
      affines.flatMap((affine, i): Layer[] =>
        i === depth ? [affine] : [affine, activation === 'relu' ? new ReLU() : new Sigmoid()],
      ),
    );
    this.#optimizer = new SGD(this.#network.parameters(), { learningRate });
    this.#order = this.#rng.permutation(data.train.labels.length);
    this.#x = zeros([batch, PIXELS]);
    this.#t = new Uint8Array(batch);
  }

  get epochs(): number {
    return this.examples / this.#data.train.labels.length;
  }

  /** Multiplications and additions of a step for one example: forward, dW, and dx for all layers but the first. */
  get flopPerExample(): number {
    return this.#sizes.slice(1).reduce((sum, out, i) => sum + (i === 0 ? 4 : 6) * this.#sizes[i]! * out, 0);
  }

  adjust({ learningRate, batch }: Settings): void {
    this.#optimizer.learningRate = learningRate;
    if (batch === this.#t.length) return;
    this.#x.dispose();
    this.#x = zeros([batch, PIXELS]);
    this.#t = new Uint8Array(batch);
  }

  step(): void {
    const batch = this.#t.length;
    const { images, labels } = this.#data.train;
    if (this.#at + batch > this.#order.length) {
      this.#order = this.#rng.permutation(labels.length);
      this.#at = 0;
    }
    const indices = this.#order.subarray(this.#at, this.#at + batch);
    this.#at += batch;
    take(images, indices, { out: this.#x });
    for (let i = 0; i < batch; i++) this.#t[i] = labels[indices[i]!]!;
    this.loss = this.#criterion.forward(this.#network.forward(this.#x), this.#t);
    this.#network.backward(this.#criterion.backward());
    this.#optimizer.step();
    this.steps++;
    this.examples += batch;
  }

  evaluate(): Point {
    return { examples: this.examples, train: this.#evaluate(this.#seen), test: this.#evaluate(this.#data.test) };
  }

  /** The ten probabilities for one image of 784 pixels. */
  recognize(pixels: Float32Array): Float32Array {
    return tidy(() => softmax(this.#network.predict(tensor(pixels, [1, PIXELS]))).toTypedArray());
  }

  /** The weights of the first layer, one picture of 784 for each of the first `most` neurons. */
  weights(most: number): { pictures: Float32Array; count: number; total: number } {
    const { W } = this.#first;
    const total = W.shape[1]!;
    const count = Math.min(most, total);
    const values = W.data;
    const pictures = new Float32Array(count * PIXELS);
    for (let pixel = 0; pixel < PIXELS; pixel++) {
      for (let neuron = 0; neuron < count; neuron++) {
        pictures[neuron * PIXELS + pixel] = values[pixel * total + neuron]!;
      }
    }
    return { pictures, count, total };
  }

  dispose(): void {
    this.#network.dispose();
    this.#criterion.dispose();
    this.#optimizer.dispose();
    this.#seen.images.dispose();
    this.#x.dispose();
  }

  #evaluate({ images, labels }: Digits): Evaluation {
    return tidy(() => {
      const logits = this.#network.predict(images);
      return { loss: crossEntropy(logits, labels), accuracy: accuracy(logits, labels) };
    });
  }
}
