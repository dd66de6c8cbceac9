import { expect, test } from 'vitest';
import {
  Affine,
  add,
  mul,
  neg,
  Parameter,
  ReLU,
  Sequential,
  Sigmoid,
  type Tensor,
  type TensorLike,
  zeros,
} from '../../src/index';
import { live } from '../support/facade';

test('the twin of a subclass computes what the subclass does', () => {
  class Residual extends Sequential {
    override forward(x: TensorLike): Tensor {
      return add(x, super.forward(x));
    }
  }
  class Twice extends Affine {
    override forward(x: TensorLike): Tensor {
      return super.forward(mul(x, 2));
    }
  }
  class Negated extends ReLU {
    override forward(x: TensorLike): Tensor {
      return neg(super.forward(x));
    }
  }
  const net = new Sequential([new Residual([new Twice([[1]], [1]), new Negated()])]);
  const twin = net.share();
  expect(twin.forward([[3]]).toArray()).toEqual([[-4]]); // 3 - relu(2 · 3 + 1)
  for (const [i, parameter] of twin.parameters().entries()) expect(parameter).toBe(net.parameters()[i]);
  expect(twin.layers[0]!.constructor).toBe(Residual);
  class Scaled extends Sigmoid {
    readonly #scale = 2;
    override forward(x: TensorLike): Tensor {
      return super.forward(mul(x, this.#scale));
    }
  }
  // Fields of its own are for its own share() to copy.
  expect(() => new Scaled().share().forward([1])).toThrow(TypeError);
});

test('the twin of a subclass that lists other parameters', () => {
  const before = live();
  class Frozen extends Affine {
    override parameters(): Parameter[] {
      return [];
    }
  }
  class Gained extends Affine {
    gain = new Parameter('gain', zeros([1]));
    override parameters(): Parameter[] {
      return [...super.parameters(), this.gain];
    }
    override share(): Gained {
      return Object.assign(super.share() as Gained, { gain: this.gain });
    }
  }
  for (const layer of [new Frozen([[1]], [1]), new Gained([[1]], [1])]) {
    const twin = layer.share();
    expect(twin.parameters()).toHaveLength(layer.parameters().length);
    for (const [i, parameter] of twin.parameters().entries()) expect(parameter).toBe(layer.parameters()[i]);
    twin.dispose();
    expect(layer.W.disposed).toBe(false);
    layer.dispose();
    expect(layer.W.disposed).toBe(true);
    if (layer instanceof Gained) layer.gain.dispose();
  }
  expect(live()).toBe(before);
});
