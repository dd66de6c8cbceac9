import { vi } from 'vitest';

/** Lets the constructors refuse what they do on a page of Chrome before 115: more than 4 KB at once. Undone by `using`. */
export function asOldPage(): Disposable {
  const refuse = (): never => {
    throw new RangeError('a page may not wait for more than 4 KB');
  };
  const { Module, Instance } = WebAssembly;
  vi.stubGlobal(
    'WebAssembly',
    Object.create(WebAssembly, {
      Module: {
        value: new Proxy(Module, {
          construct: (target, [bytes]) => (bytes.byteLength > 4096 ? refuse() : new target(bytes)),
        }),
      },
      Instance: { value: new Proxy(Instance, { construct: refuse }) },
    }),
  );
  return { [Symbol.dispose]: () => vi.unstubAllGlobals() };
}
