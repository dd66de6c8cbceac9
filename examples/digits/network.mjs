// @ts-check
import { Affine, ReLU, Sequential, Sigmoid } from 'simdgrad';
import { CLASSES, PIXELS } from './data.mjs';

/** @import { Layer, Random } from 'simdgrad' */

/**
 * 784 pixels → hidden neurons → a score for each class. Initial weights as He et al. (2015) derived them for ReLU, and
 * as Glorot & Bengio (2010) for sigmoid.
 * @param {{ hidden: number, activation: 'relu' | 'sigmoid' }} options
 * @param {Random} rng
 */
export function createNetwork({ hidden, activation }, rng) {
  const init = activation === 'relu' ? 'he' : 'xavier';
  /** @type {Record<string, Layer>} */
  const layers = {
    Affine1: Affine.init(PIXELS, hidden, { rng, init }),
    Activation: activation === 'relu' ? new ReLU() : new Sigmoid(),
    Affine2: Affine.init(hidden, CLASSES, { rng, init }),
  };
  return new Sequential(layers);
}
