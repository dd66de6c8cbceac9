/** What workerd, and its bundler, make of the import of a file. */
declare module '*.wasm' {
  const module: WebAssembly.Module;
  export default module;
}
