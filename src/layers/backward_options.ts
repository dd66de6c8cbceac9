import { checkOptions, flag } from '../engine/check.js';
import type { BackwardOptions } from './layer.js';

/** What backward was asked for, checked: a network hands it on to its layers, which need not check it again. */
class Asked {
  constructor(
    readonly inputGrad: boolean,
    readonly accumulate: boolean,
  ) {
    Object.freeze(this); // it serves every call, and layers of the user's get it, too
  }
}

const ASKED = [new Asked(false, false), new Asked(true, false), new Asked(false, true), new Asked(true, true)];

export function asked(inputGrad: boolean, accumulate: boolean): Asked {
  return ASKED[(inputGrad ? 1 : 0) + (accumulate ? 2 : 0)]!;
}

/** `inputGrad`: the layer's default. @throws TypeError for unknown options and for values that are no booleans */
export function backwardOptions(options: BackwardOptions | undefined, inputGrad: boolean, where: string): Asked {
  if (options === undefined) return asked(inputGrad, false);
  if (options instanceof Asked) return options;
  checkOptions(options, ['inputGrad', 'accumulate'], where);
  return asked(
    flag(options.inputGrad, inputGrad, 'inputGrad', where),
    flag(options.accumulate, false, 'accumulate', where),
  );
}
