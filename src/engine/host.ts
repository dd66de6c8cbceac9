type Builtin = { getBuiltinModule?: (id: string) => unknown; versions?: { node?: string } };

/** The modules of Node, Deno and Bun without an import that a bundler would follow; `undefined` elsewhere. */
export function builtin<T>(id: string): T | undefined {
  const host = (globalThis as { process?: Builtin }).process;
  return host?.versions?.node === undefined ? undefined : (host.getBuiltinModule?.(id) as T | undefined);
}
